#include "kernels/router/router.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bathy::kernels {

void routerScores(const float* logits, std::int64_t experts, float* scores) {
    for (std::int64_t e = 0; e < experts; ++e) {
        const float g = logits[e];
        scores[e] = std::sqrt(std::max(g, 0.0f) + std::log1p(std::exp(-std::fabs(g))));
    }
}

void chooseExperts(const float* scores, const float* bias, std::int64_t experts, std::int64_t k, float* scratch,
                   std::int32_t* chosen) {
    constexpr float kTaken = -std::numeric_limits<float>::infinity();
    for (std::int64_t e = 0; e < experts; ++e) {
        const float key = scores[e] + (bias ? bias[e] : 0.0f);
        scratch[e] = key > std::numeric_limits<float>::lowest() ? key : std::numeric_limits<float>::lowest();
    }
    for (std::int64_t i = 0; i < k; ++i) {
        const auto best = std::max_element(scratch, scratch + experts) - scratch; // the first of equal ones
        chosen[i] = static_cast<std::int32_t>(best);
        scratch[best] = kTaken;
    }
}

void routerWeights(const float* scores, const std::int32_t* chosen, std::int64_t k, float scale, float* weights) {
    float sum = 0;
    for (std::int64_t i = 0; i < k; ++i)
        sum += scores[chosen[i]];
    // All scores zero (logits of minus infinity): nothing is stronger than anything else.
    for (std::int64_t i = 0; i < k; ++i)
        weights[i] = (sum > 0 ? scores[chosen[i]] / sum : 1.0f / static_cast<float>(k)) * scale;
}

} // namespace bathy::kernels
