// What a caller may choose about numbers, in the same words from the front door down to the model: how activations are
// rounded and how cached rows are stored.
#pragma once

#include <array>
#include <cstdint>

namespace bathy {

// Exact: no activation is quantised; for comparison with published float implementations.
// Fast: production rules: cached rows on grids (V4: FP8, index keys FP4; spec 4.4), inputs of GGUF blocks in 8 bits.
enum class Precision : std::uint8_t { Exact, Fast };
inline constexpr std::array<const char*, 2> kPrecisionNames{"exact", "fast"}; // stable, in files and on command lines

// How cached rows are stored. Packed: 584-byte rows and 68-byte FP4 index keys; PackedFp8Index: 132-byte index keys.
// Both need Precision::Fast and the published head sizes. F32: as computed, on no grid. Auto: Packed where it is
// possible, BF16 with Fast otherwise, F32 with Exact.
enum class KvFormat : std::uint8_t { Auto, F32, BF16, Packed, PackedFp8Index };
inline constexpr std::array<const char*, 5> kKvFormatNames{"auto", "f32", "bf16", "packed", "packed-fp8-index"};

} // namespace bathy
