#include "engine/sampler/stages.h"

#include "engine/sampler/raw_distribution.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bathy::sampler {
namespace {

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

Candidate* at(std::vector<Candidate>& candidates, TokenId token) {
    const auto index = static_cast<std::size_t>(raw(token));
    return raw(token) >= 0 && index < candidates.size() ? &candidates[index] : nullptr;
}

void rescale(std::vector<Candidate>& candidates) {
    double sum = 0;
    for (const auto& candidate : candidates)
        sum += candidate.probability;
    for (auto& candidate : candidates)
        candidate.probability /= sum;
}

} // namespace

bool isBefore(const Candidate& a, const Candidate& b) {
    return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
}

std::vector<Candidate> candidatesOf(std::span<const float> logits) {
    std::vector<Candidate> candidates(logits.size());
    for (std::size_t i = 0; i < logits.size(); ++i) {
        candidates[i] = {TokenId{static_cast<std::int32_t>(i)}, usable(logits[i]), 0};
    }
    return candidates;
}

void penalizeRepetition(std::vector<Candidate>& candidates, std::span<const TokenId> recent, float penalty) {
    std::vector<TokenId> once(recent.begin(), recent.end());
    std::sort(once.begin(), once.end());
    once.erase(std::unique(once.begin(), once.end()), once.end());
    for (const auto token : once)
        if (auto* candidate = at(candidates, token))
            candidate->logit = candidate->logit > 0 ? candidate->logit / penalty : candidate->logit * penalty;
}

void ban(std::vector<Candidate>& candidates, std::span<const TokenId> banned) {
    for (const auto token : banned)
        if (auto* candidate = at(candidates, token))
            candidate->logit = kMinusInfinity;
}

void applyTemperature(std::vector<Candidate>& candidates, float temperature) {
    for (auto& candidate : candidates)
        candidate.logit = std::min(candidate.logit / temperature, std::numeric_limits<float>::max());
}

void keepTopK(std::vector<Candidate>& candidates, std::size_t k) {
    const auto count = std::min(k, candidates.size());
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(count), candidates.end(),
                      isBefore);
    candidates.resize(count);
}

bool normalize(std::vector<Candidate>& candidates) {
    float largest = kMinusInfinity;
    for (const auto& candidate : candidates)
        largest = std::max(largest, candidate.logit);
    if (!std::isfinite(largest))
        return false;
    for (auto& candidate : candidates)
        candidate.probability = std::exp(static_cast<double>(candidate.logit) - static_cast<double>(largest));
    rescale(candidates);
    return true;
}

// A heap gives the most likely one after another, so that a short answer does not pay for sorting the whole vocabulary.
void keepTopP(std::vector<Candidate>& candidates, double p) {
    const auto isAfter = [](const Candidate& a, const Candidate& b) { return isBefore(b, a); };
    std::make_heap(candidates.begin(), candidates.end(), isAfter);
    auto heapEnd = candidates.end();
    double mass = 0;
    while (heapEnd != candidates.begin() && mass < p) {
        std::pop_heap(candidates.begin(), heapEnd, isAfter);
        --heapEnd;
        mass += heapEnd->probability;
    }
    candidates.erase(candidates.begin(), heapEnd);
    std::reverse(candidates.begin(), candidates.end());
    rescale(candidates);
}

void keepMinP(std::vector<Candidate>& candidates, double share) {
    double largest = 0;
    for (const auto& candidate : candidates)
        largest = std::max(largest, candidate.probability);
    std::erase_if(candidates, [&](const Candidate& candidate) { return candidate.probability < share * largest; });
    rescale(candidates);
}

std::size_t draw(const std::vector<Candidate>& candidates, double uniform) {
    double sum = 0;
    std::size_t last = 0;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (candidates[i].probability <= 0)
            continue;
        last = i;
        sum += candidates[i].probability;
        if (uniform < sum)
            return i;
    }
    return last; // the sum fell short of one by rounding
}

} // namespace bathy::sampler
