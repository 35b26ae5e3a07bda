// Linear: y[t, o] (+)= sum_i W[o, i] x[t, i] for a range of rows o. Bytes: the rows of W in their stored form once per
// call; flops: 2 * rows * cols * tokens. y must not overlap x. Weights are decoded in registers or into a tile that
// fits the cache. Reference: double accumulation in the order of i. SIMD: the inputs are cut into panels of
// kLinearPanel; inside a panel lane l sums inputs l, l + N, ... with fused multiply-adds (N = lanes; for F4 the even
// inputs of a group of 2N, then the odd ones), the lanes are added by one fixed tree, panels are added to y in order.
// None of this depends on the number of tokens or on the row, which makes a token's bits independent of its batch. GGUF
// blocks are decoded exactly (kernels/common/block_formats.h) and then multiplied like F32.
#pragma once

#include "kernels/common/weight_view.h"

namespace bathy::kernels {

inline constexpr std::int64_t kLinearPanel = 1024;

// Floats of scratch one call needs (for all levels).
std::int64_t linearScratchFloats(const WeightView& weight, std::int64_t tokens);

void linearReference(const LinearJob& job);
void linearAvx2(const LinearJob& job);
void linearAvx512(const LinearJob& job);

// Decodes columns [begin, end) of one row, exactly.
void decodeWeightRow(const WeightView& weight, std::int64_t row, std::int64_t begin, std::int64_t end, float* out);

} // namespace bathy::kernels
