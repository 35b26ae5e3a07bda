// The compressor (spec 2.6): every `ratio` tokens become one entry, pooled by a learned softmax.
#pragma once

#include "engine/model/deepseek_v4/step.h"

#include <span>

namespace bathy::model::deepseek_v4 {

// Entries that a chunk completes.
struct NewEntries {
    std::int64_t first = 0; // index of the first one
    std::int64_t count = 0;
    std::span<float> rows; // [count, width], normed and rotated, float32; valid until the caller's scratch scope ends
};

// Pools the entries that the chunk's tokens complete out of x [T, d] and the raw rows of earlier tokens in `state`, and
// leaves the raw rows of the last tokens there.
NewEntries compress(const Step& step, const CompressorWeights& weights, const float* x, kv::RowRing& state);

} // namespace bathy::model::deepseek_v4
