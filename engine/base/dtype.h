// Element types as they are stored in checkpoints and caches. Conversions of single values live in kernels/common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bathy {

enum class DType : std::uint8_t {
    F32,
    F16,
    BF16,
    F64,
    F8E4M3, // "fn" variant: no infinities, 0x7F and 0xFF are NaN, largest 448
    F8E8M0, // power-of-two scale: 2^(byte - 127), 255 is NaN
    F4E2M1, // two values a byte, the even element in the low nibble; checkpoints store it under dtype I8
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    Bool,
};

// Bits of one element (4 for F4E2M1).
int dtypeBits(DType dtype);
// Bytes of `count` elements, rounded up to whole bytes.
std::uint64_t dtypeBytes(DType dtype, std::uint64_t count);
// The name safetensors uses: "F8_E4M3".
std::string_view dtypeName(DType dtype);
std::optional<DType> dtypeFromName(std::string_view safetensorsName);

} // namespace bathy
