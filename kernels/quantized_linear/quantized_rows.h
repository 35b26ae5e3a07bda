// Activations rounded to eight bits in groups, as llama.cpp rounds them before it multiplies with quantised weights.
// Which groups a weight type meets, how values and scales are rounded: ggml, src/ggml-cpu/ggml-cpu.c (the table of
// vec_dot_type), arch/x86/quants.c (quantize_row_q8_0 and _q8_1 with AVX2) and src/ggml-quants.c
// (quantize_row_q8_K_ref) as published in 2026. The layout in memory is ours.
//
// Groups32 (Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, IQ4_NL, MXFP4, NVFP4): 32 values; q = round(x * (127 / amax)), ties to even;
//   scale = amax / 127 rounded to F16; sum = (amax / 127) * sum of q, rounded to F16 (Q4_1 and Q5_1 only read it).
// Groups256 (Q2_K to Q6_K, IQ2_XXS, IQ4_XS): 256 values; r = -127 / m with m the first value of largest magnitude, so
//   that m itself becomes -127; q = round(x * r), ties to even, at most 127; scale = 1 / r in F32; sums of q by
//   sixteen.
// A group in which no magnitude reaches 2^-100 counts as zeros and has scale 0. A group with a NaN or an infinity has
// scale NaN and q = 0, which makes every product NaN. Every level gives the same bits. Pure, any thread.
#pragma once

#include "engine/base/dtype.h"

#include <cstddef>
#include <cstdint>

namespace bathy::kernels {

enum class QuantizedGroups : std::uint8_t { Groups32, Groups256 };

// `weight` must be a block type.
QuantizedGroups quantizedGroupsFor(DType weight);

// Bytes of one row of `cols` values (whole groups); a multiple of 64.
std::int64_t quantizedRowBytes(QuantizedGroups groups, std::int64_t cols);

inline constexpr float kSmallestGroup = 0x1p-100f; // its inverse times 127 is still finite

// Where the parts of a row stand: [q: cols bytes, padded to 64 | scales: F32 | sums: F32 (Groups32), I16 (Groups256)].
struct QuantizedRow {
    std::int8_t* values = nullptr;
    float* scales = nullptr;
    float* sums = nullptr;          // Groups32: [cols / 32]
    std::int16_t* sums16 = nullptr; // Groups256: [cols / 16]

    // Inlined always: files compiled for different processors must not share a copy.
    [[gnu::always_inline]] QuantizedRow(QuantizedGroups groups, std::int64_t cols, std::byte* row) {
        const bool small = groups == QuantizedGroups::Groups32;
        auto* behind = row + (cols + 63) / 64 * 64;
        values = reinterpret_cast<std::int8_t*>(row);
        scales = reinterpret_cast<float*>(behind);
        sums = scales + cols / 32;
        sums16 = reinterpret_cast<std::int16_t*>(scales + cols / 256);
        if (small)
            sums16 = nullptr;
        else
            sums = nullptr;
    }
};

// `out`: quantizedRowBytes() bytes, aligned to 4.
void quantizeActivationsReference(QuantizedGroups groups, const float* x, std::int64_t cols, std::byte* out);
void quantizeActivationsAvx2(QuantizedGroups groups, const float* x, std::int64_t cols, std::byte* out);

} // namespace bathy::kernels
