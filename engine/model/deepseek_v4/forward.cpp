#include "engine/model/deepseek_v4/forward.h"

#include "engine/model/deepseek_v4/attention.h"
#include "engine/model/deepseek_v4/moe.h"
#include "engine/ops/hyper_connection.h"
#include "engine/ops/linear.h"
#include "engine/ops/norm.h"

namespace bathy::model::deepseek_v4 {
namespace {

using telemetry::SpanKind;

ops::HyperConnectionSpec hyperSpec(const Config& config) {
    return {config.hcMult, config.hiddenSize, config.sinkhornIterations, static_cast<float>(config.hcEps),
            static_cast<float>(config.rmsEps)};
}

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

// streams <- HC_post(sublayer(rmsNorm(HC_pre(streams)))): the only residual path there is.
template <class SubLayer>
void residual(const Step& step, const HyperWeights& hc, std::span<const float> norm, float* streams,
              const SubLayer& subLayer) {
    auto& scratch = step.ops.scratch;
    const ops::ScratchScope scope(scratch);
    const auto& c = step.config;
    const auto x = scratch.take<float>(step.tokens * c.hiddenSize);
    const auto y = scratch.take<float>(step.tokens * c.hiddenSize);
    const auto post = scratch.take<float>(step.tokens * c.hcMult);
    const auto comb = scratch.take<float>(step.tokens * c.hcMult * c.hcMult);
    {
        const ops::Span span(step.ops, SpanKind::HyperConnection, step.tokens);
        ops::hyperPre(step.ops, hyperSpec(c), hc.view(), streams, step.tokens, x.data(), post.data(), comb.data());
        ops::rmsNorm(step.ops, x.data(), norm, step.eps(), step.tokens, x.data());
    }
    if (step.stopped())
        return;
    subLayer(x.data(), y.data());
    if (step.stopped())
        return;
    const ops::Span span(step.ops, SpanKind::HyperConnection, step.tokens);
    ops::hyperPost(step.ops, hyperSpec(c), y.data(), streams, post.data(), comb.data(), step.tokens, streams);
}

void runLayer(const Step& step, const LayerWeights& layer, kv::LayerCache& cache, std::vector<bool>& experts,
              float* streams) {
    residual(step, layer.hcAttention, layer.attentionNorm, streams,
             [&](const float* x, float* y) { attend(step, layer, cache, x, y); });
    if (step.stopped())
        return;
    residual(step, layer.hcFfn, layer.ffnNorm, streams,
             [&](const float* x, float* y) { mixExperts(step, layer.moe, x, y, experts); });
}

// logits = head . rmsNorm(HC_head(streams)), for the last tokens only.
void writeLogits(const Step& step, const Weights& weights, const float* streams, const LogitsRequest& logits) {
    const ops::Span span(step.ops, SpanKind::Head, logits.count);
    const ops::ScratchScope scope(step.ops.scratch);
    const auto& c = step.config;
    const auto h = step.ops.scratch.take<float>(logits.count * c.hiddenSize);
    const auto* last = streams + (step.tokens - logits.count) * c.streamWidth();
    ops::hyperHead(step.ops, hyperSpec(c), weights.hcHead.view(), last, logits.count, h.data());
    ops::rmsNorm(step.ops, h.data(), weights.norm, step.eps(), logits.count, h.data());
    ops::linear(step.ops, weights.head, h.data(), logits.count, logits.out);
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
        runLayer(step, weights.layers[l], step.cache.layer(l), touched.experts[l], streams.data());
        if (!step.stopped())
            showStreams(step, step.ops.layer, streams);
    }
    step.ops.layer = LayerId{-1};
    if (logits.count == 0 || step.stopped())
        return;
    touched.head = true;
    writeLogits(step, weights, streams.data(), logits);
}

} // namespace bathy::model::deepseek_v4
