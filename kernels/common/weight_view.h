// A weight matrix in the form it is stored in, W[rows = outputs, cols = inputs], row-major; never owns memory. The
// bytes may lie unaligned in a mapped file. Made by ops::makeWeight, which checks every size; kernels trust it.
#pragma once

#include "engine/base/dtype.h"

#include <cstddef>
#include <cstdint>

namespace bathy::kernels {

struct WeightView {
    // F32, BF16, F16, F8E4M3, F4E2M1 (two inputs a byte, even input in the low nibble) or a block type, whose blocks
    // fill the rows.
    DType dtype = DType::F32;
    const std::byte* data = nullptr;
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    std::int64_t rowBytes = 0; // distance of two rows

    // Block scales, [ceil(rows/blockRows), ceil(cols/blockCols)]; null for F32, BF16, F16. F8: usually 128 x 128; F4: 1
    // x 32; block types: null or one F32 for the whole matrix (NVFP4).
    DType scaleDtype = DType::F8E8M0; // or F32
    const std::byte* scale = nullptr;
    std::int64_t blockRows = 1;
    std::int64_t blockCols = 1;

    // Inlined always: files compiled for different processors must not share a copy.
    [[gnu::always_inline]] std::int64_t scaleCols() const { return (cols + blockCols - 1) / blockCols; }
};

// Multiplies x by the weight rows [rowBegin, rowEnd): y[t, o - rowBegin] (+)= sum_i W[o, i] x[t, i].
struct LinearJob {
    const WeightView* weight = nullptr;
    const float* x = nullptr;            // [xRows..., cols]
    std::int64_t xStride = 0;            // floats between two rows of x
    const std::int32_t* xRows = nullptr; // row of x that token t reads; null: row t
    float* y = nullptr;                  // the output of row rowBegin of token row 0
    std::int64_t yStride = 0;            // floats between two rows of y
    const std::int32_t* yRows = nullptr; // row of y that token t writes; null: row t; must not repeat
    std::int64_t tokens = 0;
    std::int64_t rowBegin = 0;
    std::int64_t rowEnd = 0;
    bool accumulate = false;  // add to y rather than overwrite
    float* scratch = nullptr; // linearScratchFloats() of the same weight, 64-byte aligned, not shared between threads
};

} // namespace bathy::kernels
