// Choice of experts for one token (spec 2.10); contracts as in ops/router.h. Small enough for one variant.
#pragma once

#include <cstdint>

namespace bathy::kernels {

// What a logit becomes: sqrt(softplus(x)) (V4), the logistic function (V3), its share of all (V2).
enum class ExpertScore : std::uint8_t { SqrtSoftplus, Sigmoid, Softmax };

void routerScores(ExpertScore score, const float* logits, std::int64_t experts, float* scores);

// What a group of experts is worth: its best, or the sum of its best two.
enum class GroupScore : std::uint8_t { Largest, TopTwoSum };

// Experts in groups of neighbours, all of one size, of which only the best `kept` are looked at.
struct ExpertGroups {
    std::int64_t count = 1;
    std::int64_t kept = 1;
    GroupScore score = GroupScore::Largest;
};

// The k largest of scores + bias (bias may be null), strongest first, ties to the lower expert; NaN is never preferred.
// Experts with a nonzero byte in `banned` (may be null) are left out; -1 in what stays empty. `scratch` holds
// 2 * `experts` floats.
void chooseExperts(const float* scores, const float* bias, const std::uint8_t* banned, std::int64_t experts,
                   std::int64_t k, const ExpertGroups& groups, float* scratch, std::int32_t* chosen);
// weights[i] = scores[chosen[i]] / sum * scale, or without the division; 0 where chosen[i] is -1.
void routerWeights(const float* scores, const std::int32_t* chosen, std::int64_t k, float scale, bool normalise,
                   float* weights);

} // namespace bathy::kernels
