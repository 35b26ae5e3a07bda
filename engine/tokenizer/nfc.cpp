#include "engine/tokenizer/nfc.h"

#include "engine/tokenizer/utf8.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utf8proc.h>

namespace bathy::tokenizer {
namespace {

// Nothing below U+0300 is changed or joined with what stands before it, nor are the common ideographs: a stretch that
// is looked at as a whole may begin there.
bool beginsStretch(char32_t character) {
    return character < 0x300 || (character >= 0x4E00 && character <= 0x9FFF);
}

std::string compose(std::string_view stretch) {
    utf8proc_uint8_t* made = nullptr;
    const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(stretch.data()),
                                     static_cast<utf8proc_ssize_t>(stretch.size()), &made,
                                     static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owner(made, std::free);
    if (length < 0)
        return std::string(stretch);
    return std::string(reinterpret_cast<const char*>(made), static_cast<std::size_t>(length));
}

} // namespace

NfcText::NfcText(std::string_view given) {
    m_text.reserve(given.size());
    while (!given.empty()) {
        const auto valid = utf8ValidPrefix(given);
        addValid(given.substr(0, valid));
        given.remove_prefix(valid);
        while (!given.empty()) {
            const auto step = utf8Step(given);
            if (step.state == Utf8State::Whole)
                break;
            m_text += given.substr(0, step.length);
            m_given += step.length;
            given.remove_prefix(step.length);
        }
    }
}

void NfcText::addValid(std::string_view valid) {
    std::size_t begin = 0;
    std::size_t at = 0;
    bool plain = true; // no character so far that normalisation could touch
    while (at < valid.size()) {
        const auto step = utf8Step(valid.substr(at));
        if (!plain && beginsStretch(step.character)) {
            addStretch(valid.substr(begin, at - begin));
            begin = at;
            plain = true;
        } else if (plain && !beginsStretch(step.character)) {
            // What stands before the last plain character cannot change any more.
            auto last = at;
            while (last > begin && (static_cast<unsigned char>(valid[last - 1]) & 0xC0U) == 0x80U)
                --last;
            last -= last > begin ? 1 : 0;
            m_text += valid.substr(begin, last - begin);
            m_given += last - begin;
            begin = last;
            plain = false;
        }
        at += step.length;
    }
    if (plain) {
        m_text += valid.substr(begin);
        m_given += valid.size() - begin;
    } else {
        addStretch(valid.substr(begin));
    }
}

void NfcText::addStretch(std::string_view stretch) {
    const auto composed = compose(stretch);
    const auto begin = m_text.size();
    m_text += composed;
    if (composed != stretch)
        m_changes.push_back({begin, m_text.size(), m_given, m_given + stretch.size()});
    m_given += stretch.size();
}

std::uint64_t NfcText::given(std::uint64_t at) const {
    const auto after = std::upper_bound(m_changes.begin(), m_changes.end(), at,
                                        [](std::uint64_t position, const Change& c) { return position <= c.begin; });
    if (after == m_changes.begin())
        return at;
    const auto& change = *std::prev(after);
    return at <= change.end ? change.givenEnd : change.givenEnd + (at - change.end);
}

} // namespace bathy::tokenizer
