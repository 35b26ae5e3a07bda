// Unicode normal form C, which some tokenizers put text into before they cut it, and the way back to the bytes that
// were given. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::tokenizer {

// A text in normal form C. What is no UTF-8 stays as it is.
class NfcText {
public:
    explicit NfcText(std::string_view given);

    const std::string& text() const { return m_text; }
    // The byte of the given text where byte `at` of text() comes from. Inside a stretch that was changed: its end.
    std::uint64_t given(std::uint64_t at) const;

private:
    // Stretches that were changed, and what lies between them was not.
    struct Change {
        std::uint64_t begin = 0; // in text()
        std::uint64_t end = 0;
        std::uint64_t givenBegin = 0;
        std::uint64_t givenEnd = 0;
    };
    void addValid(std::string_view stretch);
    void addStretch(std::string_view stretch);

    std::string m_text;
    std::uint64_t m_given = 0; // bytes taken so far
    std::vector<Change> m_changes;
};

} // namespace bathy::tokenizer
