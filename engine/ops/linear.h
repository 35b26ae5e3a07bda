// Matrix times activations with weights in any stored form. y = W x; activations are float32, row-major.
// Per output element the order of additions depends on the number of inputs and the kernel level only, not on T, on the
// threads or on where the row stands: a token gets the same bits alone and in any batch. With Precision::Fast
// activations are rounded first where the weights are GGUF blocks or F16, as in llama.cpp (activations.h); the
// transposed product never rounds. A rounded copy of the input takes at most as many floats of scratch as the input.
#pragma once

#include "engine/ops/context.h"
#include "engine/ops/weight.h"

namespace bathy::ops {

// y[t, o] = sum_i W[o, i] x[t, i].   x [T, W.cols], y [T, W.rows]; y must not overlap x.
void linear(Context& context, const WeightView& weight, const float* x, std::int64_t tokens, float* y);

// Grouped output projection (spec 2.9): W is [G * R, cols], x is [T, G, cols], y is [T, G, R];
// y[t, g, o] = sum_i W[g * R + o, i] x[t, g, i]. W.rows must be a multiple of groups.
void groupedLinear(Context& context, const WeightView& weight, std::int64_t groups, const float* x, std::int64_t tokens,
                   float* y);

// One matrix for each head inside one stored matrix: head h owns the rows [h * stride + first, + count).
struct HeadRows {
    std::int64_t heads = 0;
    std::int64_t stride = 0;
    std::int64_t first = 0;
    std::int64_t count = 0;
};
// Where heads lie in activations: head h of token t begins at (t * heads + h) * this.
struct HeadStrides {
    std::int64_t x = 0;
    std::int64_t y = 0;
};

// y[t, h, o] = sum_i W_h[o, i] x[t, h, i].   W_h [rows.count, W.cols]; x and y must not overlap.
void headLinear(Context& context, const WeightView& weight, const HeadRows& rows, const HeadStrides& strides,
                const float* x, std::int64_t tokens, float* y);

// The transposed product: y[t, h, i] = sum_o W_h[o, i] x[t, h, o].
void headLinearTransposed(Context& context, const WeightView& weight, const HeadRows& rows, const HeadStrides& strides,
                          const float* x, std::int64_t tokens, float* y);

// Rows of a table, decoded: y[t, :] = W[rows[t], :].   y [T, W.cols]; each id in [0, W.rows).
void gatherRows(Context& context, const WeightView& weight, std::span<const std::int32_t> rows, float* y);

} // namespace bathy::ops
