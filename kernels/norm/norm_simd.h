// Root-mean-square norm over lanes V. Four chains of sums, added in a fixed order.
#pragma once

#include "kernels/common/simd_math.h"
#include "kernels/norm/norm.h"

namespace bathy::kernels {

template <class V>
inline float inverseRmsSimd(const float* x, float eps, std::int64_t width) {
    using F = typename V::F;
    F sum[4] = {V::zero(), V::zero(), V::zero(), V::zero()};
    std::int64_t c = 0;
    for (; c + 4 * V::kLanes <= width; c += 4 * V::kLanes)
        for (int i = 0; i < 4; ++i) {
            const F v = V::load(x + c + i * V::kLanes);
            sum[i] = V::fma(v, v, sum[i]);
        }
    for (; c < width; c += V::kLanes) {
        const F v = width - c >= V::kLanes ? V::load(x + c) : V::load(x + c, width - c);
        sum[0] = V::fma(v, v, sum[0]);
    }
    const float total = sumLanes<V>(V::add(V::add(sum[0], sum[1]), V::add(sum[2], sum[3])));
    return 1.0f / __builtin_sqrtf(total / static_cast<float>(width) + eps);
}

template <class V>
inline void rmsNormRowSimd(const float* x, const float* weight, float eps, std::int64_t width, float* y) {
    using F = typename V::F;
    const F factor = V::set1(inverseRmsSimd<V>(x, eps, width));
    for (std::int64_t c = 0; c < width; c += V::kLanes) {
        const auto n = width - c;
        if (n >= V::kLanes) {
            const F v = V::mul(V::load(x + c), factor);
            V::store(y + c, weight ? V::mul(V::load(weight + c), v) : v);
        } else {
            const F v = V::mul(V::load(x + c, n), factor);
            V::store(y + c, weight ? V::mul(V::load(weight + c, n), v) : v, n);
        }
    }
}

} // namespace bathy::kernels
