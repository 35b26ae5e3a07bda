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

void chooseExperts(const float* scores, const float* bias, const std::uint8_t* banned, std::int64_t experts,
                   std::int64_t k, float* scratch, std::int32_t* chosen) {
    constexpr float kTaken = -std::numeric_limits<float>::infinity();
    for (std::int64_t e = 0; e < experts; ++e) {
        const float key = scores[e] + (bias ? bias[e] : 0.0f);
        scratch[e] = key > std::numeric_limits<float>::lowest() ? key : std::numeric_limits<float>::lowest();
        if (banned && banned[e] != 0)
            scratch[e] = kTaken;
    }
    for (std::int64_t i = 0; i < k; ++i) {
        const auto best = std::max_element(scratch, scratch + experts) - scratch; // the first of equal ones
        chosen[i] = scratch[best] == kTaken ? -1 : static_cast<std::int32_t>(best);
        scratch[best] = kTaken;
    }
}

void routerWeights(const float* scores, const std::int32_t* chosen, std::int64_t k, float scale, float* weights) {
    float sum = 0;
    std::int64_t count = 0;
    for (std::int64_t i = 0; i < k; ++i) {
        if (chosen[i] < 0)
            continue;
        sum += scores[chosen[i]];
        ++count;
    }
    // All scores zero (logits of minus infinity): nothing is stronger than anything else.
    for (std::int64_t i = 0; i < k; ++i) {
        const float share = chosen[i] < 0 ? 0.0f : sum > 0 ? scores[chosen[i]] / sum : 1.0f / static_cast<float>(count);
        weights[i] = share * scale;
    }
}

} // namespace bathy::kernels
