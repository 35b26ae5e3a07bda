// The mixture of experts of one layer (spec section 5).
#pragma once

#include "engine/model/decoder/decoder.h"
#include "engine/model/deepseek_v3/weights.h"

#include <vector>

namespace bathy::model::deepseek_v3 {

// y [T, d] from the normed x [T, d]. Sets touched[e] for every routed expert that was used. y must not overlap x.
void mixExperts(const decoder::Step& step, const Config& config, const MoeWeights& weights, const float* x, float* y,
                std::vector<bool>& touched);

// Floats that it takes, an upper bound.
std::int64_t planExperts(const Config& config, const decoder::PlanSize& size);

} // namespace bathy::model::deepseek_v3
