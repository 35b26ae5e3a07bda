#include "engine/ops/hyper_connection.h"

#include "engine/ops/check.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/linear.h"
#include "kernels/hyper_connection/hyper_connection.h"
#include "kernels/norm/norm.h"

#include <cmath>

namespace bathy::ops {

namespace {

// m [T, fn.rows] = (fn . v) * rsqrt(mean v^2 + eps), v the flattened streams.
void mixes(Context& context, const HyperConnectionSpec& spec, const WeightView& fn, const float* streams,
           std::int64_t tokens, float* m) {
    const auto width = spec.streams * spec.channels;
    linear(context, fn, streams, tokens, m);
    const auto inverseRms = BATHY_OPS_PICK(context, inverseRms);
    parallel(context, tokens, width, [&](std::int64_t begin, std::int64_t end, int) {
        for (auto t = begin; t < end; ++t) {
            const auto factor = inverseRms(streams + t * width, spec.normEps, width);
            for (std::int64_t i = 0; i < fn.rows; ++i)
                m[t * fn.rows + i] *= factor;
        }
    });
}

} // namespace

void hyperPre(Context& context, const HyperConnectionSpec& spec, const HyperConnectionWeights& weights,
              const float* streams, std::int64_t tokens, float* x, float* post, float* comb) {
    const auto n = spec.streams;
    const auto width = n * spec.channels;
    BATHY_OPS_CHECK(n > 0 && n <= kMaxStreams && weights.fn.rows == (2 + n) * n && weights.fn.cols == width);
    const ScratchScope scope(context.scratch);
    const auto m = context.scratch.take<float>(tokens * weights.fn.rows);
    mixes(context, spec, weights.fn, streams, tokens, m.data());
    const kernels::SinkhornSpec sinkhorn{n, spec.sinkhornIterations, spec.hcEps};
    const auto mix = BATHY_OPS_PICK(context, mixStreams);
    parallel(context, tokens, 2 * width, [&](std::int64_t begin, std::int64_t end, int) {
        float pre[kMaxStreams];
        for (auto t = begin; t < end; ++t) {
            kernels::hyperCoefficients(sinkhorn, m.data() + t * weights.fn.rows, weights.base, weights.scale, pre,
                                       post + t * n, comb + t * n * n);
            mix(streams + t * width, pre, n, spec.channels, x + t * spec.channels);
        }
    });
}

void hyperPost(Context& context, const HyperConnectionSpec& spec, const float* y, const float* streams,
               const float* post, const float* comb, std::int64_t tokens, float* out) {
    const auto n = spec.streams;
    const auto width = n * spec.channels;
    BATHY_OPS_CHECK(n > 0 && n <= kMaxStreams);
    const auto kernel = BATHY_OPS_PICK(context, hyperPost);
    parallel(context, tokens, (n + 1) * width, [&](std::int64_t begin, std::int64_t end, int) {
        for (auto t = begin; t < end; ++t)
            kernel({y + t * spec.channels, streams + t * width, post + t * n, comb + t * n * n, n, spec.channels,
                    out + t * width});
    });
}

void hyperHead(Context& context, const HyperConnectionSpec& spec, const HyperConnectionWeights& weights,
               const float* streams, std::int64_t tokens, float* h) {
    const auto n = spec.streams;
    const auto width = n * spec.channels;
    BATHY_OPS_CHECK(n > 0 && n <= kMaxStreams && weights.fn.rows == n && weights.fn.cols == width);
    const ScratchScope scope(context.scratch);
    const auto m = context.scratch.take<float>(tokens * n);
    mixes(context, spec, weights.fn, streams, tokens, m.data());
    const auto mix = BATHY_OPS_PICK(context, mixStreams);
    parallel(context, tokens, width, [&](std::int64_t begin, std::int64_t end, int) {
        float weight[kMaxStreams];
        for (auto t = begin; t < end; ++t) {
            for (std::int64_t j = 0; j < n; ++j) {
                const float logit = m[static_cast<std::size_t>(t * n + j)] * weights.scale[0] + weights.base[j];
                weight[j] = 1.0f / (1.0f + std::exp(-logit)) + spec.hcEps;
            }
            mix(streams + t * width, weight, n, spec.channels, h + t * spec.channels);
        }
    });
}

} // namespace bathy::ops
