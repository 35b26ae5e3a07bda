// One block of the model, and what turns the last block's streams into logits: the same for the main layers and for the
// block that drafts. Spec 2.0.
#pragma once

#include "engine/model/deepseek_v4/step.h"
#include "engine/ops/hyper_connection.h"

#include <cstdint>
#include <span>
#include <vector>

namespace bathy::model::deepseek_v4 {

// Which of a step's tokens want logits: the last `count`. `out` is [count, vocab].
struct LogitsRequest {
    std::int64_t count = 0;
    float* out = nullptr;
};

// Attention and experts, each between hyper-connections, on streams [T, n, d] in place. Sets experts[e] for every
// routed expert that was used.
void runBlock(const Step& step, const LayerWeights& layer, kv::LayerCache& cache, std::vector<bool>& experts,
              float* streams);

// What the block's attention reads: x [T, d] = rmsNorm(HC_pre(streams)).
void attentionInput(const Step& step, const LayerWeights& layer, const float* streams, float* x);

// logits = head . rmsNorm(HC_head(streams)).
struct HeadWeights {
    const HyperWeights& hyper;
    std::span<const float> norm;
    const WeightView& matrix; // [vocab, d]
};
void writeLogits(const Step& step, const HeadWeights& head, const float* streams, const LogitsRequest& logits);

} // namespace bathy::model::deepseek_v4
