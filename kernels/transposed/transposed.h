// Product with the transpose of some rows of a matrix: y[t, i] = sum_r W[rowBegin + r, i] x[t, r]. Bytes: the rows in
// their stored form once per call; flops: 2 * rows * cols * tokens. y must not overlap x. Reference: double
// accumulation in the order of r. SIMD: fused multiply-adds in the order of r, so a token's bits do not depend on its
// batch.
#pragma once

#include "kernels/common/weight_view.h"

namespace bathy::kernels {

struct TransposedJob {
    const WeightView* weight = nullptr;
    std::int64_t rowBegin = 0;
    std::int64_t rows = 0;
    const float* x = nullptr; // [tokens, rows]
    std::int64_t xStride = 0; // floats between two tokens
    float* y = nullptr;       // [tokens, weight.cols]
    std::int64_t yStride = 0;
    std::int64_t tokens = 0;
    float* scratch = nullptr; // transposedScratchFloats(), 64-byte aligned
};

inline constexpr std::int64_t kTransposedRows = 4; // decoded at a time

std::int64_t transposedScratchFloats(std::int64_t cols);
void transposedReference(const TransposedJob& job);
void transposedAvx2(const TransposedJob& job);
void transposedAvx512(const TransposedJob& job);

} // namespace bathy::kernels
