// The mixture of experts (spec 2.10): clamped SwiGLU of the chosen experts and the shared one.
#pragma once

#include "engine/ops/context.h"
#include "engine/ops/weight.h"

#include <span>

namespace bathy::ops {

struct ExpertWeights {
    WeightView w1; // gate, [F, d]
    WeightView w2; // down, [d, F]
    WeightView w3; // up, [F, d]
};

struct ExpertsJob {
    std::span<const ExpertWeights> experts; // routed
    const ExpertWeights* shared = nullptr;  // null: none; runs with weight 1
    float swigluLimit = 0;                  // clamp of gate (from above) and up (both sides); 0: none
    std::int64_t tokens = 0;
    std::int64_t chosenPerToken = 0;      // k
    const std::int32_t* chosen = nullptr; // [T, k], in [0, experts.size()) and none twice for one token; -1: no expert
    const float* weights = nullptr;       // [T, k]
    const float* x = nullptr;             // [T, d]
    float* y = nullptr;                   // [T, d], overwritten; must not overlap x
};

// y[t] = sum over the chosen experts in ascending order of w2 (weight * silu(min(w1 x, L)) * clip(w3 x, -L, L)) +
// shared. Each expert's weights are read once per call however many tokens chose it; a token's bits do not depend on
// the others. Where Precision::Fast rounds the inputs of w2, the weight is taken after the product, as in llama.cpp.
void runExperts(Context& context, const ExpertsJob& job);

} // namespace bathy::ops
