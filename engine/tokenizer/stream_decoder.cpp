#include "engine/tokenizer/stream_decoder.h"

#include "engine/tokenizer/utf8.h"

namespace bathy::tokenizer {

std::string StreamDecoder::feedBytes(std::string_view bytes) {
    m_open.append(bytes);
    std::string_view rest = m_open;
    std::string text;
    while (!rest.empty()) {
        const auto good = utf8ValidPrefix(rest);
        text.append(rest.substr(0, good));
        rest.remove_prefix(good);
        if (rest.empty())
            break;
        const auto step = utf8Step(rest);
        if (step.state == Utf8State::Open)
            break;
        text.append(kReplacement);
        rest.remove_prefix(step.length);
    }
    m_open.erase(0, m_open.size() - rest.size());
    return text;
}

std::string StreamDecoder::finish() {
    std::string text = utf8Lossy(m_open);
    m_open.clear();
    return text;
}

} // namespace bathy::tokenizer
