// One layer's mixture of experts (spec 2.10).
#pragma once

#include "engine/model/deepseek_v4/step.h"

namespace bathy::model::deepseek_v4 {

// y [T, d] from the normed x [T, d]. Sets touched[e] for every routed expert that was used. y must not overlap x.
void mixExperts(const Step& step, const MoeWeights& weights, const float* x, float* y, std::vector<bool>& touched);

} // namespace bathy::model::deepseek_v4
