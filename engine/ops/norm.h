// Root-mean-square norms (spec 2.1 and 2.4). float32; y may be x.
#pragma once

#include "engine/ops/context.h"

#include <span>

namespace bathy::ops {

// y[t, c] = weight[c] * x[t, c] * (mean_c x[t, c]^2 + eps)^(-1/2).   x, y [T, C], C = weight.size().
void rmsNorm(Context& context, const float* x, std::span<const float> weight, float eps, std::int64_t tokens, float* y);

// The same without a weight, over each row of `width`: per head when x is [T, H, width] and rows = T * H.
void rmsNormRows(Context& context, const float* x, std::int64_t rows, std::int64_t width, float eps, float* y);

// Layer norm: y[t, c] = weight[c] * (x[t, c] - mean_c x) * (variance_c x + eps)^(-1/2) + bias[c].   C = weight.size().
void layerNorm(Context& context, const float* x, std::span<const float> weight, std::span<const float> bias, float eps,
               std::int64_t tokens, float* y);

// Rounds to bfloat16 and back, in place.
void roundToBf16(Context& context, std::span<float> x);

} // namespace bathy::ops
