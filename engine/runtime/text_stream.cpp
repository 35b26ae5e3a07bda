#include "engine/runtime/text_stream.h"

#include "engine/tokenizer/chat_encoding.h"

#include <utility>

namespace bathy::runtime {

TextStream::TextStream(const tokenizer::Tokenizer* tokenizer, bool reasoning, std::vector<std::string> stops)
    : m_tokenizer(tokenizer), m_stops(std::move(stops)), m_reasoning(reasoning) {
    if (tokenizer == nullptr)
        return;
    m_decoder.emplace(*tokenizer);
    m_thinkEnd = tokenizer->findAdded(tokenizer::kThinkEnd);
}

void TextStream::append(std::string text, std::vector<Delta>& out) {
    if (!m_reasoning) {
        auto shown = m_stops.feed(text);
        m_stopped = shown.stopped;
        text = std::move(shown.text);
    }
    if (text.empty())
        return;
    (m_reasoning ? m_reasoningText : m_text) += text;
    out.push_back({m_reasoning, std::move(text)});
}

std::vector<TextStream::Delta> TextStream::feed(TokenId token) {
    std::vector<Delta> out;
    if (!m_decoder || m_stopped)
        return out;
    if (m_reasoning && token == m_thinkEnd) {
        append(m_decoder->finish(), out);
        m_reasoning = false;
        return out;
    }
    append(m_decoder->feed(token), out);
    return out;
}

std::vector<TextStream::Delta> TextStream::finish() {
    std::vector<Delta> out;
    if (!m_decoder || m_stopped)
        return out;
    append(m_decoder->finish(), out);
    if (m_reasoning || m_stopped)
        return out;
    if (auto rest = m_stops.finish(); !rest.empty()) {
        m_text += rest;
        out.push_back({false, std::move(rest)});
    }
    return out;
}

} // namespace bathy::runtime
