// One step of strict UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bathy::tokenizer {

inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD"; // U+FFFD

enum class Utf8State : std::uint8_t {
    Whole,   // one character
    Open,    // the beginning of a character, cut off by the end of the text
    Invalid, // the longest part of a character that cannot be completed, or one stray byte
};

struct Utf8Step {
    Utf8State state{};
    std::uint8_t length = 0; // bytes, 1 to 4
    char32_t character = 0;  // Whole only
};

// `text` must not be empty.
Utf8Step utf8Step(std::string_view text);

// Bytes at the beginning that are whole characters.
std::size_t utf8ValidPrefix(std::string_view text);

// Each open or invalid part replaced by U+FFFD.
std::string utf8Lossy(std::string_view text);

void utf8Append(std::string& text, char32_t character);

} // namespace bathy::tokenizer
