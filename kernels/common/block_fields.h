// Reading the fields of GGUF's blocks: single bytes, little-endian words and halves at any address.
#pragma once

#include "kernels/common/number_formats.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace bathy::kernels {

inline int byteAt(const std::byte* p, std::int64_t i) {
    return std::to_integer<int>(p[i]);
}

inline std::uint32_t wordAt(const std::byte* p) {
    std::uint32_t word = 0;
    std::memcpy(&word, p, 4);
    return word;
}

inline float halfAt(const std::byte* p) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, p, 2);
    return f16ToFloat(bits);
}

// Nibble of element e of 32 in "halves" order: the low nibbles of 16 bytes, then the high ones.
inline int nibbleAt(const std::byte* qs, int e) {
    return e < 16 ? byteAt(qs, e) & 15 : byteAt(qs, e - 16) >> 4;
}

} // namespace bathy::kernels
