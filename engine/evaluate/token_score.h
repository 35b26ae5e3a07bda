// What one row of logits says of a token, and how two rows differ. Natural logarithms, computed in double. Pure
// functions.
#pragma once

#include "engine/base/ids.h"

#include <cstdint>
#include <span>
#include <vector>

namespace bathy::evaluate {

// -ln p(target) under the softmax of `logits` [vocabulary].
double surprise(std::span<const float> logits, TokenId target);

// The first of the largest values.
std::int64_t firstChoice(std::span<const float> logits);

// Kullback-Leibler divergence D(reference || model) = sum p_ref (ln p_ref - ln p_model), in nats; never negative.
double divergence(std::span<const float> reference, std::span<const float> logits);

// The smallest value that at least `share` of the values do not exceed (nearest rank); 0 of nothing. Sorts a copy.
double quantile(std::vector<double> values, double share);

} // namespace bathy::evaluate
