#include "engine/model/deepseek_v4/block.h"

#include "engine/model/deepseek_v4/attention.h"
#include "engine/model/deepseek_v4/moe.h"
#include "engine/ops/linear.h"
#include "engine/ops/norm.h"

namespace bathy::model::deepseek_v4 {
namespace {

using telemetry::SpanKind;

ops::HyperConnectionSpec hyperSpec(const Config& config) {
    return {config.hcMult, config.hiddenSize, config.sinkhornIterations, static_cast<float>(config.hcEps),
            static_cast<float>(config.rmsEps)};
}

// What HC_pre leaves for HC_post.
struct Mixing {
    float* post; // [T, n]
    float* comb; // [T, n, n]
};

Mixing takeMixing(const Step& step) {
    const std::int64_t n = step.config.hcMult;
    return {step.ops.scratch.take<float>(step.tokens * n).data(),
            step.ops.scratch.take<float>(step.tokens * n * n).data()};
}

// x = rmsNorm(HC_pre(streams))
void subLayerInput(const Step& step, const HyperWeights& hc, std::span<const float> norm, const float* streams,
                   const Mixing& mixing, float* x) {
    const ops::Span span(step.ops, SpanKind::HyperConnection, step.tokens);
    ops::hyperPre(step.ops, hyperSpec(step.config), hc.view(), streams, step.tokens, x, mixing.post, mixing.comb);
    ops::rmsNorm(step.ops, x, norm, step.eps(), step.tokens, x);
}

// streams <- HC_post(sublayer(rmsNorm(HC_pre(streams)))): the only residual path there is.
template <class SubLayer>
void residual(const Step& step, const HyperWeights& hc, std::span<const float> norm, float* streams,
              const SubLayer& subLayer) {
    const ops::ScratchScope scope(step.ops.scratch);
    const auto x = step.ops.scratch.take<float>(step.tokens * step.config.hiddenSize);
    const auto y = step.ops.scratch.take<float>(step.tokens * step.config.hiddenSize);
    const auto mixing = takeMixing(step);
    subLayerInput(step, hc, norm, streams, mixing, x.data());
    if (step.stopped())
        return;
    subLayer(x.data(), y.data());
    if (step.stopped())
        return;
    const ops::Span span(step.ops, SpanKind::HyperConnection, step.tokens);
    ops::hyperPost(step.ops, hyperSpec(step.config), y.data(), streams, mixing.post, mixing.comb, step.tokens, streams);
}

} // namespace

void runBlock(const Step& step, const LayerWeights& layer, kv::LayerCache& cache, std::vector<bool>& experts,
              float* streams) {
    residual(step, layer.hcAttention, layer.attentionNorm, streams,
             [&](const float* x, float* y) { attend(step, layer, cache, x, y); });
    if (step.stopped())
        return;
    residual(step, layer.hcFfn, layer.ffnNorm, streams,
             [&](const float* x, float* y) { mixExperts(step, layer.moe, x, y, experts); });
}

void attentionInput(const Step& step, const LayerWeights& layer, const float* streams, float* x) {
    const ops::ScratchScope scope(step.ops.scratch);
    subLayerInput(step, layer.hcAttention, layer.attentionNorm, streams, takeMixing(step), x);
}

void writeLogits(const Step& step, const HeadWeights& head, const float* streams, const LogitsRequest& logits) {
    const ops::Span span(step.ops, SpanKind::Head, logits.count);
    const ops::ScratchScope scope(step.ops.scratch);
    const auto& c = step.config;
    const auto h = step.ops.scratch.take<float>(logits.count * c.hiddenSize);
    const auto* last = streams + (step.tokens - logits.count) * c.streamWidth();
    ops::hyperHead(step.ops, hyperSpec(c), head.hyper.view(), last, logits.count, h.data());
    ops::rmsNorm(step.ops, h.data(), head.norm, step.eps(), logits.count, h.data());
    ops::linear(step.ops, head.matrix, h.data(), logits.count, logits.out);
}

} // namespace bathy::model::deepseek_v4
