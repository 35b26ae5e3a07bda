#include "engine/ops/rope.h"

#include "engine/ops/check.h"
#include "engine/ops/dispatch.h"
#include "kernels/rope/rope.h"

#include <cmath>
#include <numbers>

namespace bathy::ops {

std::vector<double> plainRopeFrequencies(double base, int ropeDim) {
    std::vector<double> result;
    for (int i = 0; i < ropeDim / 2; ++i)
        result.push_back(std::pow(base, -2.0 * i / ropeDim));
    return result;
}

std::vector<double> yarnRopeFrequencies(double base, int ropeDim, const YarnScaling& scaling) {
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
        const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
        result[i] = result[i] * (1 - ramp) + result[i] / scaling.factor * ramp;
    }
    return result;
}

std::vector<double> llama3RopeFrequencies(double base, int ropeDim, const Llama3Scaling& scaling) {
    auto result = plainRopeFrequencies(base, ropeDim);
    for (auto& frequency : result) {
        const double turns = scaling.originalMaxPosition * frequency / (2 * std::numbers::pi); // over that context
        if (turns > scaling.highFactor)
            continue;
        if (turns < scaling.lowFactor) {
            frequency /= scaling.factor;
            continue;
        }
        const double share = (turns - scaling.lowFactor) / (scaling.highFactor - scaling.lowFactor);
        frequency = (1 - share) * frequency / scaling.factor + share * frequency;
    }
    return result;
}

void ropeAngles(Context& context, std::span<const double> frequencies, std::span<const std::int64_t> positions,
                float* angles) {
    const auto pairs = static_cast<std::int64_t>(frequencies.size());
    parallel(context, static_cast<std::int64_t>(positions.size()), 64 * pairs,
             [&](std::int64_t begin, std::int64_t end, int) {
                 for (auto t = begin; t < end; ++t)
                     for (std::int64_t i = 0; i < pairs; ++i) {
                         const double angle = static_cast<double>(positions[static_cast<std::size_t>(t)]) *
                                              frequencies[static_cast<std::size_t>(i)];
                         angles[2 * (t * pairs + i)] = static_cast<float>(std::cos(angle));
                         angles[2 * (t * pairs + i) + 1] = static_cast<float>(std::sin(angle));
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
