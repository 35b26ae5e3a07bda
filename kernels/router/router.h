// Choice of experts for one token (spec 2.10); contracts as in ops/router.h. Small enough for one variant.
#pragma once

#include <cstdint>

namespace bathy::kernels {

// scores[e] = sqrt(softplus(logits[e])).
void routerScores(const float* logits, std::int64_t experts, float* scores);
// The k largest of scores + bias (bias may be null), strongest first, ties to the lower expert; NaN is never preferred.
// Experts with a nonzero byte in `banned` (may be null) are left out; -1 in what stays empty. `scratch` holds `experts`
// floats.
void chooseExperts(const float* scores, const float* bias, const std::uint8_t* banned, std::int64_t experts,
                   std::int64_t k, float* scratch, std::int32_t* chosen);
// weights[i] = scores[chosen[i]] / sum * scale; 0 where chosen[i] is -1.
void routerWeights(const float* scores, const std::int32_t* chosen, std::int64_t k, float scale, float* weights);

} // namespace bathy::kernels
