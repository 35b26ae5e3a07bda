// Clamped SwiGLU over lanes V.
#pragma once

#include "kernels/common/simd_math.h"
#include "kernels/experts/swiglu.h"

namespace bathy::kernels {

template <class V>
inline typename V::F swigluLanes(typename V::F gate, typename V::F up, const SwigluJob& job) {
    if (job.limit > 0) {
        const auto limit = V::set1(job.limit);
        gate = V::min(limit, gate);
        up = V::max(V::set1(-job.limit), V::min(limit, up));
    }
    const auto denominator = V::add(V::set1(1.0f), expLanes<V>(V::sub(V::zero(), gate)));
    return V::mul(V::mul(V::div(gate, denominator), up), V::set1(job.weight));
}

template <class V>
inline void swigluSimd(const SwigluJob& job) {
    for (std::int64_t i = 0; i < job.count; i += V::kLanes) {
        const auto left = job.count - i;
        if (left >= V::kLanes)
            V::store(job.out + i, swigluLanes<V>(V::load(job.gate + i), V::load(job.up + i), job));
        else
            V::store(job.out + i, swigluLanes<V>(V::load(job.gate + i, left), V::load(job.up + i, left), job), left);
    }
}

} // namespace bathy::kernels
