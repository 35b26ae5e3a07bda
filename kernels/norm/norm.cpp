#include "kernels/norm/norm.h"

#include <cmath>

namespace bathy::kernels {

float inverseRmsReference(const float* x, float eps, std::int64_t width) {
    double sum = 0;
    for (std::int64_t c = 0; c < width; ++c)
        sum += static_cast<double>(x[c]) * x[c];
    return static_cast<float>(1.0 / std::sqrt(sum / static_cast<double>(width) + eps));
}

void layerNormRow(const float* x, const float* weight, const float* bias, float eps, std::int64_t width, float* y) {
    const auto count = static_cast<double>(width);
    double mean = 0;
    for (std::int64_t c = 0; c < width; ++c)
        mean += x[c] / count;
    double variance = 0;
    for (std::int64_t c = 0; c < width; ++c)
        variance += (x[c] - mean) * (x[c] - mean) / count;
    const double factor = 1.0 / std::sqrt(variance + eps);
    for (std::int64_t c = 0; c < width; ++c)
        y[c] = static_cast<float>(weight[c] * ((x[c] - mean) * factor) + bias[c]);
}

void rmsNormRowReference(const float* x, const float* weight, float eps, std::int64_t width, float* y) {
    const auto factor = inverseRmsReference(x, eps, width);
    for (std::int64_t c = 0; c < width; ++c)
        y[c] = (weight ? weight[c] : 1.0f) * (x[c] * factor);
}

} // namespace bathy::kernels
