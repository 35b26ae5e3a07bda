#include "engine/ops/softmax.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace bathy::ops {

namespace {

float largest(std::span<const float> x) {
    return *std::max_element(x.begin(), x.end());
}

} // namespace

void softmax(std::span<const float> x, std::span<float> p) {
    if (x.empty())
        return;
    const auto top = largest(x);
    if (top == -std::numeric_limits<float>::infinity()) {
        std::fill(p.begin(), p.end(), 1.0f / static_cast<float>(p.size()));
        return;
    }
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
        sum += p[i] = std::exp(x[i] - top);
    for (auto& value : p)
        value = static_cast<float>(value / sum);
}

void logSoftmax(std::span<const float> x, std::span<float> l) {
    if (x.empty())
        return;
    const auto top = largest(x);
    double sum = 0;
    for (const auto value : x)
        sum += std::exp(value - top);
    const auto shift = static_cast<float>(std::log(sum));
    for (std::size_t i = 0; i < x.size(); ++i)
        l[i] = x[i] - top - shift;
}

} // namespace bathy::ops
