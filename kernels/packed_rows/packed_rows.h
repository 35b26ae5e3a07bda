// Packed rows of the caches (spec 3.2). Bytes are laid out in one piece per row:
//   KV row, Packed: (dim - ropeDim) e4m3 | ropeDim bf16 | one E8M0 per 64 channels | zero padding to a multiple of 8
//                   -> 584 bytes for dim 512, ropeDim 64;
//   index key, Fp8: dim e4m3 | one float32 scale -> 132 bytes for dim 128;
//   index key, Fp4: dim/2 bytes e2m1, even channel in the low nibble | one E8M0 per 32 channels -> 68 bytes.
// Scales are powers of two by the rule of spec 4.4. Rows may lie unaligned. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bathy::kernels {

enum class KvRowFormat : std::uint8_t { F32, Bf16, Packed };
enum class IndexKeyFormat : std::uint8_t { F32, Bf16, Fp8, Fp4 };

inline constexpr std::int64_t kKvScaleBlock = 64;
inline constexpr std::int64_t kIndexScaleBlock = 32;

struct KvRowLayout {
    KvRowFormat format = KvRowFormat::F32;
    std::int64_t dim = 0;
    std::int64_t ropeDim = 0; // the last channels, kept as bf16 by Packed
};

std::int64_t kvRowBytes(const KvRowLayout& layout);
void packKvRow(const KvRowLayout& layout, const float* values, std::byte* row);
void unpackKvRow(const KvRowLayout& layout, const std::byte* row, float* values);

// dim must be even for Fp4.
std::int64_t indexKeyBytes(IndexKeyFormat format, std::int64_t dim);
void packIndexKey(IndexKeyFormat format, std::int64_t dim, const float* values, std::byte* row);
void unpackIndexKey(IndexKeyFormat format, std::int64_t dim, const std::byte* row, float* values);

} // namespace bathy::kernels
