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
    // Blocks of GGUF, named as there: so many elements of one row share scales and stand together in so many bytes
    // (kernels/common/block_formats.h says how).
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q2_K,
    Q3_K,
    Q4_K,
    Q5_K,
    Q6_K,
    IQ2_XXS,
    IQ4_NL,
    IQ4_XS,
    MXFP4, // like F4E2M1 with F8E8M0 scales, but in blocks and with the halves of a block in the two nibbles
    NVFP4,
};
inline constexpr int kDTypeCount = static_cast<int>(DType::NVFP4) + 1;

// What stands together and cannot be split: 2 elements in 1 byte for F4E2M1, 256 elements in 144 bytes for Q4_K,
// 1 element in its bytes for plain types.
struct DTypeBlock {
    int elements = 1;
    int bytes = 1;
};
DTypeBlock dtypeBlock(DType dtype);
// Whether the type is one of the GGUF blocks.
bool isBlockType(DType dtype);
// Bytes of `count` elements, rounded up to whole blocks.
std::uint64_t dtypeBytes(DType dtype, std::uint64_t count);
// The name safetensors uses, "F8_E4M3", or GGUF for its blocks, "Q4_K".
std::string_view dtypeName(DType dtype);
// Only types that safetensors has.
std::optional<DType> dtypeFromName(std::string_view safetensorsName);

} // namespace bathy
