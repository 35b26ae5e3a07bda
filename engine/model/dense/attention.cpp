#include "engine/model/dense/attention.h"

#include "engine/model/decoder/attention_core.h"
#include "engine/ops/linear.h"
#include "engine/ops/norm.h"
#include "engine/ops/rope.h"

#include <cmath>

namespace bathy::model::dense {
namespace {

using decoder::CoreShape;
using decoder::Step;
using telemetry::SpanKind;

// A row of one key/value head is [key | value].
CoreShape coreShape(const Config& c) {
    CoreShape shape;
    shape.groups = c.kvHeadCount;
    shape.headsPerGroup = c.headCount / c.kvHeadCount;
    shape.keyDim = c.headDim;
    shape.valueOffset = c.headDim;
    shape.valueDim = c.headDim;
    shape.rowDim = 2 * c.headDim;
    shape.scale = static_cast<float>(1 / std::sqrt(static_cast<double>(c.headDim)));
    return shape;
}

// y = W x + b, [T, W.rows]; no b where it is empty.
std::span<float> project(const Step& step, const ops::WeightView& weight, std::span<const float> bias, const float* x) {
    const auto y = step.ops.scratch.take<float>(step.tokens * weight.rows);
    ops::linear(step.ops, weight, x, step.tokens, y.data());
    if (!bias.empty() && !step.stopped())
        for (std::size_t i = 0; i < y.size(); ++i)
            y[i] += bias[i % bias.size()];
    return y;
}

// Norm (where the architecture has one) and rotation of every head of x [T, heads, D].
void normAndRotate(const Step& step, const Config& c, std::span<const float> norm, std::int64_t heads, float* x) {
    if (!norm.empty())
        ops::rmsNorm(step.ops, x, norm, static_cast<float>(c.rmsEps), step.tokens * heads, x);
    ops::RopeShape shape{step.tokens, heads, c.headDim, c.headDim};
    shape.pairing = c.ropeInterleaved ? ops::RopePairing::Interleaved : ops::RopePairing::HalfSplit;
    ops::applyRope(step.ops, shape, step.angles.data(), ops::RopeDirection::Forward, x);
}

void storeKeysAndValues(const Step& step, const Config& c, const LayerWeights& w, const float* x,
                        kv::PositionLayer& cache) {
    const ops::Span span(step.ops, SpanKind::WindowKv, step.tokens);
    const ops::ScratchScope scope(step.ops.scratch);
    const auto keys = project(step, w.k, w.kBias, x);
    const auto values = project(step, w.v, w.vBias, x);
    if (step.stopped())
        return;
    normAndRotate(step, c, w.kNorm, c.kvHeadCount, keys.data());
    const auto rows = step.ops.scratch.take<float>(2 * step.tokens * c.kvWidth());
    for (std::int64_t i = 0; i < step.tokens * c.kvHeadCount; ++i) {
        std::copy_n(keys.data() + i * c.headDim, c.headDim, rows.data() + 2 * i * c.headDim);
        std::copy_n(values.data() + i * c.headDim, c.headDim, rows.data() + (2 * i + 1) * c.headDim);
    }
    decoder::storeRows(step, coreShape(c), rows.data(), cache);
}

} // namespace

void attend(const Step& step, const Config& c, const LayerWeights& w, kv::PositionLayer& cache, const float* x,
            float* y) {
    const ops::Span span(step.ops, SpanKind::Attention, step.tokens);
    auto& scratch = step.ops.scratch;
    const ops::ScratchScope scope(scratch);
    storeKeysAndValues(step, c, w, x, cache);
    const auto q = [&] {
        const ops::Span query(step.ops, SpanKind::QueryPath, step.tokens);
        return project(step, w.q, w.qBias, x);
    }();
    if (step.stopped())
        return;
    normAndRotate(step, c, w.qNorm, c.headCount, q.data());
    const auto rows = scratch.take<decoder::TokenRows>(step.tokens);
    for (std::int64_t t = 0; t < step.tokens; ++t)
        rows[static_cast<std::size_t>(t)] = {nullptr, step.first + t + 1, nullptr};
    const auto heads = scratch.take<float>(step.tokens * c.queryWidth());
    decoder::attendRows(step, coreShape(c), {0, step.tokens}, rows, cache, q.data(), heads.data());
    const ops::Span output(step.ops, SpanKind::OutputProjection, step.tokens);
    if (!step.stopped())
        ops::linear(step.ops, w.o, heads.data(), step.tokens, y);
}

std::int64_t planAttention(const Config& c, const decoder::PlanSize& size) {
    const auto rows = size.chunk * 4 * c.kvWidth();
    const auto queries = size.chunk * (2 * c.queryWidth() + 32 * c.kvHeadCount + 16);
    const auto core = size.perThread(c.headCount / c.kvHeadCount * size.tokens + 64 * c.headDim + 2 * size.chunk);
    const auto rounded = size.chunk * std::max(c.hiddenSize, c.queryWidth());
    return rows + queries + core + rounded;
}

} // namespace bathy::model::dense
