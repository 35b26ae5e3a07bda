// The alphabet in which byte-level vocabularies are written: every byte has one printable character. Bytes 0x21 to
// 0x7E, 0xA1 to 0xAC and 0xAE to 0xFF stand for themselves; the other 68, in order, for U+0100, U+0101, ... Pure
// functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bathy::tokenizer {

char32_t symbolOfByte(std::uint8_t byte);

// The bytes that a vocabulary key stands for; nothing when it holds a character outside the alphabet.
std::optional<std::string> bytesOfSymbols(std::string_view key);

} // namespace bathy::tokenizer
