// One layer's attention (spec 2.4 to 2.9): low-rank queries over one shared key-value row per token, a window of recent
// tokens and, in compressed layers, entries that stand for many tokens.
#pragma once

#include "engine/model/deepseek_v4/step.h"

namespace bathy::model::deepseek_v4 {

// y [T, d] from the normed x [T, d]; the layer's caches take in the chunk. y must not overlap x.
void attend(const Step& step, const LayerWeights& layer, kv::LayerCache& cache, const float* x, float* y);

// Only the chunk's window rows, from the same x.
void appendWindow(const Step& step, const LayerWeights& layer, kv::LayerCache& cache, const float* x);

} // namespace bathy::model::deepseek_v4
