#include "engine/model/deepseek_v4/draft.h"

#include "engine/model/deepseek_v4/attention.h"
#include "engine/ops/linear.h"
#include "engine/ops/norm.h"
#include "engine/ops/rope.h"

#include <numeric>
#include <utility>

namespace bathy::model::deepseek_v4 {
namespace {

using telemetry::SpanKind;

// One span around all that the block does; the spans of its parts would count as the main model's.
class DraftSpan {
public:
    explicit DraftSpan(const Step& step)
        : m_context(step.ops), m_span(step.ops, SpanKind::Draft, step.tokens),
          m_spans(std::exchange(m_context.spans, nullptr)) {}
    ~DraftSpan() { m_context.spans = m_spans; }
    DraftSpan(const DraftSpan&) = delete;
    DraftSpan& operator=(const DraftSpan&) = delete;

private:
    ops::Context& m_context;
    ops::Span m_span;
    ops::SpanSink* m_spans;
};

kv::LayerCache& draftCache(const Step& step) {
    return step.cache.layer(step.config.layers.size());
}

// Z_k = e_proj . rmsNorm(embed[next token]; enorm) + h_proj . rmsNorm(X_k; hnorm): the same token for every stream.
void blockInput(const Step& step, const Weights& weights, const float* streams, float* z) {
    auto& scratch = step.ops.scratch;
    const ops::ScratchScope scope(scratch);
    const auto& draft = *weights.draft;
    const std::int64_t d = step.config.hiddenSize;
    const std::int64_t n = step.config.hcMult;
    const auto embedded = scratch.take<float>(step.tokens * d);
    const auto token = scratch.take<float>(step.tokens * d);
    ops::gatherRows(step.ops, weights.embed, step.ids, embedded.data());
    ops::rmsNorm(step.ops, embedded.data(), draft.eNorm, step.eps(), step.tokens, embedded.data());
    ops::linear(step.ops, draft.eProj, embedded.data(), step.tokens, token.data());
    const auto x = scratch.take<float>(step.tokens * n * d);
    ops::rmsNorm(step.ops, streams, draft.hNorm, step.eps(), step.tokens * n, x.data());
    ops::linear(step.ops, draft.hProj, x.data(), step.tokens * n, z);
    for (std::int64_t row = 0; row < step.tokens * n; ++row)
        for (std::int64_t c = 0; c < d; ++c)
            z[row * d + c] += token[static_cast<std::size_t>(row / n * d + c)];
}

void touch(const Step& step, TouchedWeights& touched) {
    touched.draft = true;
    for (const auto id : step.ids)
        touched.embeddingRows[static_cast<std::size_t>(id)] = true;
}

// Only the window's rows of T positions: no later guess needs more of them.
void appendRows(const Step& step, const Weights& weights, const float* streams, TouchedWeights& touched) {
    const ops::ScratchScope scope(step.ops.scratch);
    const auto z = step.ops.scratch.take<float>(step.tokens * step.config.streamWidth());
    const auto x = step.ops.scratch.take<float>(step.tokens * step.config.hiddenSize);
    touch(step, touched);
    blockInput(step, weights, streams, z.data());
    attentionInput(step, weights.draft->block, z.data(), x.data());
    appendWindow(step, weights.draft->block, draftCache(step), x.data());
}

// A step of the block inside one of the main model: other positions, and the tokens behind them.
template <class Run>
void atPositions(const Step& step, std::int64_t first, std::span<const std::int32_t> next, const Run& run) {
    auto& scratch = step.ops.scratch;
    const ops::ScratchScope scope(scratch);
    const auto tokens = static_cast<std::int64_t>(next.size());
    const auto positions = scratch.take<std::int64_t>(tokens);
    std::iota(positions.begin(), positions.end(), first);
    const auto angles = scratch.take<float>(tokens * step.config.ropeDim);
    ops::ropeAngles(step.ops, step.rope.main, positions, angles.data());
    ForwardOptions quiet;
    quiet.stop = step.options.stop;
    run(Step{step.ops, step.config, step.formats, step.rope, step.cache, first, tokens, next, angles, {}, quiet});
}

} // namespace

void runDraft(const Step& step, const Weights& weights, const float* streams, float* out, const LogitsRequest& logits,
              TouchedWeights& touched) {
    const DraftSpan span(step);
    const auto& draft = *weights.draft;
    touch(step, touched);
    blockInput(step, weights, streams, out);
    runBlock(step, draft.block, draftCache(step), touched.draftExperts, out);
    if (step.stopped())
        return;
    touched.head = true;
    writeLogits(step, {draft.hcHead, draft.norm, weights.head}, out, logits);
}

void followChunk(const Step& step, const Weights& weights, const float* streams, TouchedWeights& touched) {
    const DraftSpan span(step);
    auto& cache = draftCache(step);
    const auto width = step.config.streamWidth();
    const auto before = step.first - 1;
    const auto end = step.end() - 1; // the token behind the last one is not known yet
    // The ring takes what guesses can see, also after going back a few tokens; earlier rows are there already.
    const auto wanted = std::max({std::int64_t{0}, end - cache.window.capacity(), cache.window.end()});
    if (wanted <= before && cache.state.holds(before, step.first)) {
        const auto* kept = reinterpret_cast<const float*>(cache.state.row(before));
        atPositions(step, before, step.ids.first(1),
                    [&](const Step& inner) { appendRows(inner, weights, kept, touched); });
    }
    if (const auto first = std::max(wanted, step.first); first < end && !step.stopped()) {
        const auto next = step.ids.subspan(static_cast<std::size_t>(first + 1 - step.first));
        atPositions(step, first, next, [&](const Step& inner) {
            appendRows(inner, weights, streams + (first - step.first) * width, touched);
        });
    }
    if (!step.stopped())
        cache.state.put(step.first, step.tokens, reinterpret_cast<const std::byte*>(streams));
}

} // namespace bathy::model::deepseek_v4
