// Choice of experts (V4: spec 2.10; V2 and V3: section 5 of theirs).
#pragma once

#include "engine/ops/context.h"
#include "kernels/router/router.h"

#include <span>

namespace bathy::ops {

using kernels::ExpertGroups;
using kernels::ExpertScore;
using kernels::GroupScore;

struct RouterSpec {
    std::int64_t experts = 0;
    std::int64_t chosen = 0;              // k, at most `experts`
    float scale = 1;                      // routed_scaling_factor
    const float* bias = nullptr;          // [experts], added for the choice only; null: none
    const std::uint8_t* banned = nullptr; // [experts], nonzero: never chosen, the next best takes its place; null: none
    ExpertScore score = ExpertScore::SqrtSoftplus;
    ExpertGroups groups{}; // of the score plus bias
    bool normalise = true; // weights divided by the sum of the chosen scores
};

// Chooses the k largest of score(logit) + bias (ties: lower expert first) in the groups that are kept, strongest first;
// weight_e = score_e / (sum of the chosen scores) * scale.   logits [T, experts], chosen [T, k], weights [T, k].
// Where bans leave fewer than k experts, the last of `chosen` are -1 with weight 0.
void routeByScore(Context& context, const RouterSpec& spec, const float* logits, std::int64_t tokens,
                  std::int32_t* chosen, float* weights);

// The same weights for experts that are already chosen (hash layers): chosen [T, k] is input, kept in its order; -1 is
// no expert and gets weight 0, the others share the whole. `bias` and `banned` are not read.
void routeByTable(Context& context, const RouterSpec& spec, const float* logits, std::int64_t tokens,
                  const std::int32_t* chosen, float* weights);

} // namespace bathy::ops
