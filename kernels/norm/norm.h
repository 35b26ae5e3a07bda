// y[c] = weight[c] * x[c] * (mean x^2 + eps)^(-1/2) for one row (spec 2.1); weight null: 1. y may be x.
// Reference: mean in double.
#pragma once

#include <cstdint>

namespace bathy::kernels {

void rmsNormRowReference(const float* x, const float* weight, float eps, std::int64_t width, float* y);
void rmsNormRowAvx2(const float* x, const float* weight, float eps, std::int64_t width, float* y);
void rmsNormRowAvx512(const float* x, const float* weight, float eps, std::int64_t width, float* y);

// (mean x^2 + eps)^(-1/2) of one row.
float inverseRmsReference(const float* x, float eps, std::int64_t width);
float inverseRmsAvx2(const float* x, float eps, std::int64_t width);
float inverseRmsAvx512(const float* x, float eps, std::int64_t width);

// y[c] = weight[c] * (x[c] - mean x) * (variance x + eps)^(-1/2) + bias[c] for one row; sums in double. y may be x. One
// variant: it is used on a single short row a token.
void layerNormRow(const float* x, const float* weight, const float* bias, float eps, std::int64_t width, float* y);

} // namespace bathy::kernels
