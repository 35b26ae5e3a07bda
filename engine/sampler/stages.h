// The stages of the sampler, each a function from candidates to candidates. Pure functions.
// Probabilities are double: summed over a vocabulary, float would lose the tail.
#pragma once

#include "engine/base/ids.h"

#include <span>
#include <vector>

namespace bathy::sampler {

struct Candidate {
    TokenId token{};
    float logit = 0;
    double probability = 0; // set by normalize
};

// One candidate for each id; NaN becomes minus infinity, plus infinity the largest float.
std::vector<Candidate> candidatesOf(std::span<const float> logits);

// Repetition penalty of Keskar et al., "CTRL" (2019), 4.1: each token of `recent` once, positive logits divided by it,
// others multiplied. `candidates` holds id i at index i.
void penalizeRepetition(std::vector<Candidate>& candidates, std::span<const TokenId> recent, float penalty);
// `candidates` holds id i at index i.
void ban(std::vector<Candidate>& candidates, std::span<const TokenId> banned);
// Divides logits; above 0.
void applyTemperature(std::vector<Candidate>& candidates, float temperature);
// Keeps the k with the largest logits, sorted; of equal ones the smaller ids.
void keepTopK(std::vector<Candidate>& candidates, std::size_t k);
// Sets probabilities to the softmax of the logits. False when no logit is finite.
bool normalize(std::vector<Candidate>& candidates);
// Keeps the smallest set of most likely ones whose mass is at least p, sorted. Needs normalized ones; leaves them so.
void keepTopP(std::vector<Candidate>& candidates, double p);
// Keeps those with at least `share` of the largest probability. Needs normalized ones; leaves them so.
void keepMinP(std::vector<Candidate>& candidates, double share);
// Index of the candidate where the running sum passes `uniform` in [0, 1). Never one without probability.
std::size_t draw(const std::vector<Candidate>& candidates, double uniform);

// Most likely first; of equal ones the smaller id.
bool isBefore(const Candidate& a, const Candidate& b);

} // namespace bathy::sampler
