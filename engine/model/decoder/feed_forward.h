// down(silu(gate(x)) * up(x)): the feed-forward part of a layer without experts.
#pragma once

#include "engine/model/decoder/decoder.h"
#include "engine/ops/experts.h"

namespace bathy::model::decoder {

// y [T, d] from x [T, d]; y must not overlap x.
void feedForward(const Step& step, const ops::ExpertWeights& weights, const float* x, float* y);

// Floats that it takes, an upper bound; `width` of the hidden layer, `channels` of x.
std::int64_t planFeedForward(const PlanSize& size, std::int64_t width, std::int64_t channels);

} // namespace bathy::model::decoder
