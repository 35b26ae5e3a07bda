#include "kernels/router/router.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bathy::kernels {

namespace {

// The value of experts that are not to be chosen.
constexpr float kTaken = -std::numeric_limits<float>::infinity();

void softmaxScores(const float* logits, std::int64_t experts, float* scores) {
    const float largest = *std::max_element(logits, logits + experts);
    float sum = 0;
    for (std::int64_t e = 0; e < experts; ++e)
        sum += scores[e] = std::exp(logits[e] - largest);
    for (std::int64_t e = 0; e < experts; ++e)
        scores[e] /= sum;
}

float groupScore(GroupScore score, const float* keys, std::int64_t size) {
    float first = kTaken;
    float second = kTaken;
    for (std::int64_t e = 0; e < size; ++e) {
        second = std::max(second, std::min(first, keys[e]));
        first = std::max(first, keys[e]);
    }
    return score == GroupScore::Largest ? first : first + second;
}

// Takes the experts of all but the best groups out of `keys` (ties: the lower group stays).
void keepGroups(const ExpertGroups& groups, std::int64_t experts, float* keys, float* scores) {
    const auto size = experts / groups.count;
    for (std::int64_t g = 0; g < groups.count; ++g)
        scores[g] = groupScore(groups.score, keys + g * size, size);
    for (std::int64_t g = 0; g < groups.count; ++g) {
        std::int64_t better = 0;
        for (std::int64_t other = 0; other < groups.count; ++other)
            better += scores[other] > scores[g] || (scores[other] == scores[g] && other < g);
        if (better >= groups.kept)
            std::fill(keys + g * size, keys + (g + 1) * size, kTaken);
    }
}

} // namespace

void routerScores(ExpertScore score, const float* logits, std::int64_t experts, float* scores) {
    if (score == ExpertScore::Softmax)
        return softmaxScores(logits, experts, scores);
    for (std::int64_t e = 0; e < experts; ++e) {
        const float g = logits[e];
        scores[e] = score == ExpertScore::Sigmoid ? 1.0f / (1.0f + std::exp(-g))
                                                  : std::sqrt(std::max(g, 0.0f) + std::log1p(std::exp(-std::fabs(g))));
    }
}

void chooseExperts(const float* scores, const float* bias, const std::uint8_t* banned, std::int64_t experts,
                   std::int64_t k, const ExpertGroups& groups, float* scratch, std::int32_t* chosen) {
    for (std::int64_t e = 0; e < experts; ++e) {
        const float key = scores[e] + (bias ? bias[e] : 0.0f);
        scratch[e] = key > std::numeric_limits<float>::lowest() ? key : std::numeric_limits<float>::lowest();
        if (banned && banned[e] != 0)
            scratch[e] = kTaken;
    }
    if (groups.kept < groups.count)
        keepGroups(groups, experts, scratch, scratch + experts);
    for (std::int64_t i = 0; i < k; ++i) {
        const auto best = std::max_element(scratch, scratch + experts) - scratch; // the first of equal ones
        chosen[i] = scratch[best] == kTaken ? -1 : static_cast<std::int32_t>(best);
        scratch[best] = kTaken;
    }
}

void routerWeights(const float* scores, const std::int32_t* chosen, std::int64_t k, float scale, bool normalise,
                   float* weights) {
    if (!normalise) {
        for (std::int64_t i = 0; i < k; ++i)
            weights[i] = chosen[i] < 0 ? 0.0f : scores[chosen[i]] * scale;
        return;
    }
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
