// Manifold-constrained hyper-connections (spec 2.2): n residual streams mixed before and after every sub-layer.
#pragma once

#include "engine/ops/context.h"
#include "engine/ops/weight.h"

namespace bathy::ops {

inline constexpr std::int64_t kMaxStreams = 16;

struct HyperConnectionSpec {
    std::int64_t streams = 4;  // n, at most kMaxStreams
    std::int64_t channels = 0; // d
    int sinkhornIterations = 20;
    float hcEps = 1e-6f;
    float normEps = 1e-6f;
};

struct HyperConnectionWeights {
    WeightView fn;               // sub-layer: [(2 + n) n, n d]; head: [n, n d]; flat input index = stream * d + channel
    const float* base = nullptr; // [fn.rows]
    const float* scale = nullptr; // sub-layer: [3] (pre, post, comb); head: [1]
};

// Mixes the streams X [T, n, d] into the sub-layer's input x [T, d] and gives what hyperPost needs:
// post [T, n] and comb [T, n, n], whose first index is the source stream. The last Sinkhorn step normalises columns.
void hyperPre(Context& context, const HyperConnectionSpec& spec, const HyperConnectionWeights& weights,
              const float* streams, std::int64_t tokens, float* x, float* post, float* comb);

// X'[t, k, c] = post[t, k] y[t, c] + sum_j comb[t, j, k] X[t, j, c].   out may be `streams`.
void hyperPost(Context& context, const HyperConnectionSpec& spec, const float* y, const float* streams,
               const float* post, const float* comb, std::int64_t tokens, float* out);

// After the last layer: h[t, c] = sum_j (sigmoid(m_j scale + base_j) + hcEps) X[t, j, c].   h [T, d].
void hyperHead(Context& context, const HyperConnectionSpec& spec, const HyperConnectionWeights& weights,
               const float* streams, std::int64_t tokens, float* h);

} // namespace bathy::ops
