#include "engine/ops/rope.h"

#include "engine/ops/check.h"
#include "engine/ops/dispatch.h"
#include "kernels/rope/rope.h"

#include <cmath>
#include <numbers>

namespace bathy::ops {

std::vector<float> plainRopeFrequencies(double base, int ropeDim) {
    std::vector<float> result;
    for (int i = 0; i < ropeDim / 2; ++i) {
        const float exponent = static_cast<float>(2 * i) / static_cast<float>(ropeDim);
        result.push_back(1.0F / static_cast<float>(std::pow(base, static_cast<double>(exponent))));
    }
    return result;
}

std::vector<float> yarnRopeFrequencies(double base, int ropeDim, const YarnScaling& scaling) {
    // The pair that turns `rotations` times over the original context.
    const auto pairOf = [&](double rotations) {
        return ropeDim * std::log(scaling.originalMaxPosition / (2 * std::numbers::pi * rotations)) /
               (2 * std::log(base));
    };
    const double low = std::max(0.0, std::floor(pairOf(scaling.betaFast)));
    double high = std::min(ropeDim - 1.0, std::ceil(pairOf(scaling.betaSlow)));
    if (low == high)
        high += 0.001;
    auto result = plainRopeFrequencies(base, ropeDim);
    for (std::size_t i = 0; i < result.size(); ++i) {
        const float ramp = (static_cast<float>(i) - static_cast<float>(low)) / static_cast<float>(high - low);
        const float kept = 1 - std::clamp(ramp, 0.0F, 1.0F);
        result[i] = result[i] / static_cast<float>(scaling.factor) * (1 - kept) + result[i] * kept;
    }
    return result;
}

std::vector<float> llama3RopeFrequencies(double base, int ropeDim, const Llama3Scaling& scaling) {
    const auto factor = static_cast<float>(scaling.factor);
    const auto low = static_cast<float>(scaling.lowFactor);
    const auto high = static_cast<float>(scaling.highFactor);
    const auto context = static_cast<float>(scaling.originalMaxPosition);
    auto result = plainRopeFrequencies(base, ropeDim);
    for (auto& frequency : result) {
        const float wavelength = static_cast<float>(2 * std::numbers::pi) / frequency;
        if (wavelength < context / high)
            continue;
        if (wavelength > context / low) {
            frequency /= factor;
            continue;
        }
        const float share = (context / wavelength - low) / (high - low);
        frequency = (1 - share) * frequency / factor + share * frequency;
    }
    return result;
}

void ropeAngles(Context& context, std::span<const float> frequencies, std::span<const std::int64_t> positions,
                float* angles) {
    const auto pairs = static_cast<std::int64_t>(frequencies.size());
    parallel(context, static_cast<std::int64_t>(positions.size()), 64 * pairs,
             [&](std::int64_t begin, std::int64_t end, int) {
                 for (auto t = begin; t < end; ++t)
                     for (std::int64_t i = 0; i < pairs; ++i) {
                         const float angle = static_cast<float>(positions[static_cast<std::size_t>(t)]) *
                                             frequencies[static_cast<std::size_t>(i)];
                         angles[2 * (t * pairs + i)] = static_cast<float>(std::cos(static_cast<double>(angle)));
                         angles[2 * (t * pairs + i) + 1] = static_cast<float>(std::sin(static_cast<double>(angle)));
                     }
             });
}

void applyRope(Context& context, const RopeShape& shape, const float* angles, RopeDirection direction, float* x) {
    BATHY_OPS_CHECK(shape.ropeDim % 2 == 0 && shape.ropeDim <= shape.headDim);
    const bool inverse = direction == RopeDirection::Inverse;
    const auto first = shape.place == RopePlace::Last ? shape.headDim - shape.ropeDim : 0;
    parallel(context, shape.tokens, 2 * shape.heads * shape.ropeDim, [&](std::int64_t begin, std::int64_t end, int) {
        for (auto t = begin; t < end; ++t)
            kernels::ropeHeads({x + t * shape.heads * shape.headDim, shape.heads, shape.headDim, shape.ropeDim, first,
                                angles + t * shape.ropeDim, inverse, shape.pairing == RopePairing::HalfSplit});
    });
}

} // namespace bathy::ops
