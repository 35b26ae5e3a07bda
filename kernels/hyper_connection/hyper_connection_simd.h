// Hyper-connection streams over lanes V.
#pragma once

#include "kernels/hyper_connection/hyper_connection.h"

namespace bathy::kernels {

template <class V>
inline void mixStreamsSimd(const float* streams, const float* weight, std::int64_t n, std::int64_t channels,
                           float* out) {
    using F = typename V::F;
    for (std::int64_t c = 0; c < channels; c += V::kLanes) {
        const auto left = channels - c;
        F sum = V::zero();
        for (std::int64_t j = 0; j < n; ++j) {
            const float* x = streams + j * channels + c;
            sum = V::fma(V::set1(weight[j]), left >= V::kLanes ? V::load(x) : V::load(x, left), sum);
        }
        if (left >= V::kLanes)
            V::store(out + c, sum);
        else
            V::store(out + c, sum, left);
    }
}

// Channels [c, c + count) of all streams; every input is read before an output is written.
template <class V, bool Whole>
inline void hyperPostLanes(const HyperPostJob& job, std::int64_t c, std::int64_t count) {
    using F = typename V::F;
    constexpr std::int64_t kMostStreams = 16;
    const auto load = [&](const float* p) {
        if constexpr (Whole)
            return V::load(p);
        else
            return V::load(p, count);
    };
    F x[kMostStreams];
    for (std::int64_t j = 0; j < job.n; ++j)
        x[j] = load(job.streams + j * job.channels + c);
    const F y = load(job.y + c);
    for (std::int64_t k = 0; k < job.n; ++k) {
        F sum = V::mul(V::set1(job.post[k]), y);
        for (std::int64_t j = 0; j < job.n; ++j)
            sum = V::fma(V::set1(job.comb[j * job.n + k]), x[j], sum);
        if constexpr (Whole)
            V::store(job.out + k * job.channels + c, sum);
        else
            V::store(job.out + k * job.channels + c, sum, count);
    }
}

template <class V>
inline void hyperPostSimd(const HyperPostJob& job) {
    std::int64_t c = 0;
    for (; c + V::kLanes <= job.channels; c += V::kLanes)
        hyperPostLanes<V, true>(job, c, V::kLanes);
    if (c < job.channels)
        hyperPostLanes<V, false>(job, c, job.channels - c);
}

} // namespace bathy::kernels
