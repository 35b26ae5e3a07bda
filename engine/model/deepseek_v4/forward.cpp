#include "engine/model/deepseek_v4/forward.h"

#include "engine/model/deepseek_v4/draft.h"
#include "engine/ops/linear.h"

namespace bathy::model::deepseek_v4 {
namespace {

using telemetry::SpanKind;

// Every stream starts as the token's embedding.
void embed(const Step& step, const Weights& weights, float* streams) {
    const ops::Span span(step.ops, SpanKind::Embed, step.tokens);
    const ops::ScratchScope scope(step.ops.scratch);
    const std::int64_t d = step.config.hiddenSize;
    const auto rows = step.ops.scratch.take<float>(step.tokens * d);
    ops::gatherRows(step.ops, weights.embed, step.ids, rows.data());
    for (std::int64_t t = 0; t < step.tokens; ++t)
        for (std::int64_t k = 0; k < step.config.hcMult; ++k)
            std::copy_n(rows.data() + t * d, d, streams + (t * step.config.hcMult + k) * d);
}

void showStreams(const Step& step, LayerId after, std::span<const float> streams) {
    if (step.options.streams)
        step.options.streams->onStreams(after, Position{step.first}, streams);
}

} // namespace

void forwardChunk(const Step& step, const Weights& weights, const LogitsRequest& logits, TouchedWeights& touched) {
    const ops::ScratchScope scope(step.ops.scratch);
    const auto streams = step.ops.scratch.take<float>(step.tokens * step.config.streamWidth());
    for (const auto id : step.ids)
        touched.embeddingRows[static_cast<std::size_t>(id)] = true;
    embed(step, weights, streams.data());
    showStreams(step, LayerId{-1}, streams);
    touched.layers = true;
    for (std::size_t l = 0; l < weights.layers.size() && !step.stopped(); ++l) {
        step.ops.layer = LayerId{static_cast<std::int32_t>(l)};
        runBlock(step, weights.layers[l], step.cache.layer(l), touched.experts[l], streams.data());
        if (!step.stopped())
            showStreams(step, step.ops.layer, streams);
    }
    step.ops.layer = LayerId{-1};
    if (step.options.keepDrafts && weights.draft && !step.stopped())
        followChunk(step, weights, streams.data(), touched);
    if (logits.count == 0 || step.stopped())
        return;
    touched.head = true;
    writeLogits(step, {weights.hcHead, weights.norm, weights.head}, streams.data(), logits);
}

} // namespace bathy::model::deepseek_v4
