// Weights in GGUF blocks times activations rounded to eight bits (quantized_rows.h): y[t, o] (+)= sum_i W[o, i] x[t, i]
// with products and sums of integers inside a block. What llama.cpp computes on processors with AVX2 (ggml,
// src/ggml-cpu/arch/x86/quants.c, ggml_vec_dot_*), to the same order of float sums where it multiplies one token with
// weights as they are stored; for prompts and repacked weights it has other orders.
//
// Element e of a group of 32 belongs to lane e / 4. A row has eight sums, one a lane, that start at 0; for each block
// in order, fused: sum += (d * s) * I, with d the scale of the block, s that of the activations and I the whole number
//   I = sum over the lane's elements of scale * code * q; codes that are stored with an offset (Q6_K: 32):
//       less offset * M,
//   M = sum over the groups of sixteen 2 lane and 2 lane + 1 of scale * (sum of their q).
// They are added as ((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7)). MXFP4 and IQ4_NL have eight sums for blocks of even
// number and eight for odd ones, which are added first. NVFP4: each sixteen elements have a scale of their own, so d
// differs between lanes 0..3 and 4..7.
//
// Types with a minimum, for each block before the above:
//   Q2_K: sum += -(dmin * s) * M with the mins in place of the scales;
//   Q4_K: four sums of their own, sum l += -(dmin * s) * (m 2l * b 2l + m 2l+1 * b 2l+1), m and b min and sum of q of a
//         group of 32;
//   Q5_K: one sum of its own += -(dmin * s) * (all m * b);
//   Q4_1, Q5_1: one sum of its own += m * (rounded sum of the group).
// Sums of their own are added as (0 + 2) + (1 + 3), then to the others. Last come the factors: the scale of the whole
// matrix, the token's gain.
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
