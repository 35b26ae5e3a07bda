// Grouped-query attention over every token (spec section 9).
#pragma once

#include "engine/model/decoder/decoder.h"
#include "engine/model/dense/weights.h"

namespace bathy::model::dense {

// y [T, d] from the normed x [T, d]; stores the chunk's keys and values. y must not overlap x.
void attend(const decoder::Step& step, const Config& config, const LayerWeights& weights, kv::PositionLayer& cache,
            const float* x, float* y);

// Floats that it takes, an upper bound.
std::int64_t planAttention(const Config& config, const decoder::PlanSize& size);

} // namespace bathy::model::dense
