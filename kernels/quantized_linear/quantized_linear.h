// Weights in GGUF blocks times activations rounded to eight bits (quantized_rows.h): y[t, o] (+)= sum_i W[o, i] x[t, i]
// with products and sums of integers inside a block. What llama.cpp computes on processors with AVX2 (ggml,
// src/ggml-cpu/arch/x86/quants.c), for Q4_0, Q5_0, Q8_0, Q6_K, Q3_K-like types to the same order of float sums.
//
// Element e of a group of 32 belongs to lane e / 4. A row has eight sums, one a lane, that start at 0; for each block
// in order, fused: sum += -(dmin * s) * M where the type has a minimum, then sum += (d * s) * I. d, dmin: the block's,
// s: the scale of the activations, I, M: whole numbers of the lane,
//   I = sum over its elements of scale * code * q; types of 256 whose codes are stored with an offset: less offset * M,
//   M = sum over the groups of sixteen 2 lane and 2 lane + 1 of (min or scale) * (sum of their q).
// Q4_1 and Q5_1: lane 0 has m times the rounded sum of the group, the others m * 0. NVFP4: two groups of sixteen have
// scales of their own, so d differs between lanes 0..3 and 4..7. The lanes are added as ((0 + 4) + (2 + 6)) + ((1 + 5)
// + (3 + 7)), then times the scale of the whole matrix, then times the token's gain.
//
// Integers are exact and the floats are combined in this order everywhere: every level gives the same bits, alone and
// in any batch.
#pragma once

#include "kernels/common/weight_view.h"
#include "kernels/quantized_linear/quantized_rows.h"

namespace bathy::kernels {

struct QuantizedLinearJob {
    const WeightView* weight = nullptr;  // of a block type
    const std::byte* x = nullptr;        // rows of quantizeActivations*() with quantizedGroupsFor(weight->dtype)
    std::int64_t xStride = 0;            // bytes between two rows of x
    const std::int32_t* xRows = nullptr; // row of x that token t reads; null: row t
    float* y = nullptr;                  // the output of row rowBegin of token row 0
    std::int64_t yStride = 0;            // floats between two rows of y
    const std::int32_t* yRows = nullptr; // row of y that token t writes; null: row t; must not repeat
    const float* gains = nullptr;        // factor of the result of token t; null: 1
    std::int64_t tokens = 0;
    std::int64_t rowBegin = 0;
    std::int64_t rowEnd = 0;
    bool accumulate = false; // add to y rather than overwrite
};

void quantizedLinearReference(const QuantizedLinearJob& job);
void quantizedLinearAvx2(const QuantizedLinearJob& job);
void quantizedLinearAvx512(const QuantizedLinearJob& job); // with VL, BW and VNNI

} // namespace bathy::kernels
