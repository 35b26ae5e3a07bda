#include "engine/model/deepseek_v3/attention.h"

#include "engine/model/decoder/attention_core.h"
#include "engine/model/deepseek_v3/indexer.h"
#include "engine/ops/linear.h"
#include "engine/ops/norm.h"
#include "engine/ops/rope.h"

namespace bathy::model::deepseek_v3 {
namespace {

using decoder::CoreShape;
using decoder::Step;
using decoder::TokenRange;
using telemetry::SpanKind;

// The norms of the latents have an epsilon of their own (spec section 2).
constexpr float kLatentEps = 1e-6f;

// A row is [latent | rope key]: all of it is the key, the latent is the value, and all heads share it.
CoreShape coreShape(const Config& c) {
    CoreShape shape;
    shape.headsPerGroup = c.headCount;
    shape.keyDim = c.latentDim();
    shape.valueDim = c.kvLoraRank;
    shape.rowDim = c.latentDim();
    shape.scale = static_cast<float>(c.attentionScale());
    return shape;
}

void rotate(const Step& step, const Config& c, TokenRange range, std::int64_t heads, std::int64_t headDim, float* x) {
    ops::RopeShape shape{range.count, heads, headDim, c.ropeDim};
    shape.pairing = c.ropeInterleaved ? ops::RopePairing::Interleaved : ops::RopePairing::HalfSplit;
    ops::applyRope(step.ops, shape, step.anglesAt(range.first), ops::RopeDirection::Forward, x);
}

// [c | k_pe] = W_kva x;  c <- norm(c);  k_pe <- rope(k_pe).
void storeLatents(const Step& step, const Config& c, const AttentionWeights& w, const float* x,
                  kv::PositionLayer& cache) {
    const ops::Span span(step.ops, SpanKind::WindowKv, step.tokens);
    const ops::ScratchScope scope(step.ops.scratch);
    const auto width = c.latentDim();
    const auto rows = step.ops.scratch.take<float>(step.tokens * width);
    ops::linear(step.ops, w.kvA, x, step.tokens, rows.data());
    if (step.stopped())
        return;
    for (std::int64_t t = 0; t < step.tokens; ++t)
        ops::rmsNorm(step.ops, rows.data() + t * width, w.kvNorm, kLatentEps, 1, rows.data() + t * width);
    rotate(step, c, {0, step.tokens}, 1, width, rows.data());
    decoder::storeRows(step, coreShape(c), rows.data(), cache);
}

// q_lat = norm(W_qa x), [T, qLoraRank]; empty for models with one query projection.
std::span<const float> queryLatents(const Step& step, const Config& c, const AttentionWeights& w, const float* x) {
    if (c.qLoraRank == 0)
        return {};
    const ops::Span span(step.ops, SpanKind::QueryPath, step.tokens);
    const auto latents = step.ops.scratch.take<float>(step.tokens * c.qLoraRank);
    ops::linear(step.ops, w.qA, x, step.tokens, latents.data());
    if (!step.stopped())
        ops::rmsNorm(step.ops, latents.data(), w.qNorm, kLatentEps, step.tokens, latents.data());
    return latents;
}

// A few tokens on their way from hidden state to attention output.
class QueryTile {
public:
    QueryTile(const Step& step, const Config& config, const LayerWeights& weights, TokenRange range)
        : m_step(step), m_config(config), m_weights(weights), m_range(range) {}

    // x and y [count, d] and latents are the tile's.
    void run(kv::PositionLayer& cache, const float* x, std::span<const float> latents, float* y) {
        const ops::ScratchScope scope(m_step.ops.scratch);
        auto& scratch = m_step.ops.scratch;
        const auto& c = m_config;
        const auto q = scratch.take<float>(m_range.count * c.headCount * c.latentDim());
        makeQueries(x, latents, q.data());
        const auto rows = scratch.take<decoder::TokenRows>(m_range.count);
        chooseRows(cache, x, latents, rows);
        if (m_step.stopped())
            return;
        const auto u = scratch.take<float>(m_range.count * c.headCount * c.kvLoraRank);
        decoder::attendRows(m_step, coreShape(c), m_range, rows, cache, q.data(), u.data());
        if (!m_step.stopped())
            project(u.data(), y);
    }

private:
    // q~[h] = [W_UK[h]^T q_nope[h] | rope(q_pe[h])], [count, H, R + P].
    void makeQueries(const float* x, std::span<const float> latents, float* q) {
        const auto& c = m_config;
        const auto& w = m_weights.attention;
        const ops::Span span(m_step.ops, SpanKind::QueryPath, m_range.count);
        const ops::ScratchScope scope(m_step.ops.scratch);
        const auto heads = m_step.ops.scratch.take<float>(m_range.count * c.queryWidth());
        if (latents.empty())
            ops::linear(m_step.ops, w.q, x, m_range.count, heads.data());
        else
            ops::linear(m_step.ops, w.qB, latents.data(), m_range.count, heads.data());
        if (m_step.stopped())
            return;
        rotate(m_step, c, m_range, c.headCount, c.queryDim(), heads.data());
        const ops::HeadStrides strides{c.queryDim(), c.latentDim()};
        if (w.split)
            ops::headLinear(m_step.ops, w.keyUp, {c.headCount, c.kvLoraRank, 0, c.kvLoraRank}, strides, heads.data(),
                            m_range.count, q);
        else
            ops::headLinearTransposed(m_step.ops, w.kvB, {c.headCount, c.keyValueDim(), 0, c.nopeDim}, strides,
                                      heads.data(), m_range.count, q);
        for (std::int64_t i = 0; i < m_range.count * c.headCount; ++i)
            std::copy_n(heads.data() + i * c.queryDim() + c.nopeDim, c.ropeDim, q + i * c.latentDim() + c.kvLoraRank);
    }

    void chooseRows(kv::PositionLayer& cache, const float* x, std::span<const float> latents,
                    std::span<decoder::TokenRows> rows) {
        if (m_weights.indexer) {
            const ops::Span span(m_step.ops, SpanKind::Indexer, m_range.count);
            return pickRows(m_step, m_config, *m_weights.indexer, {m_range, x, latents.data()}, cache, rows);
        }
        for (std::int64_t t = 0; t < m_range.count; ++t)
            rows[static_cast<std::size_t>(t)] = {nullptr, m_step.first + m_range.first + t + 1, nullptr};
    }

    // o[h] = W_UV[h] u[h];  y = W_o concat_h o[h].
    void project(const float* u, float* y) {
        const auto& c = m_config;
        const auto& w = m_weights.attention;
        const ops::Span span(m_step.ops, SpanKind::OutputProjection, m_range.count);
        const auto o = m_step.ops.scratch.take<float>(m_range.count * c.outputWidth());
        const ops::HeadRows rows = w.split ? ops::HeadRows{c.headCount, c.valueDim, 0, c.valueDim}
                                           : ops::HeadRows{c.headCount, c.keyValueDim(), c.nopeDim, c.valueDim};
        ops::headLinear(m_step.ops, w.split ? w.valueUp : w.kvB, rows, {c.kvLoraRank, c.valueDim}, u, m_range.count,
                        o.data());
        if (!m_step.stopped())
            ops::linear(m_step.ops, w.o, o.data(), m_range.count, y);
    }

    const Step& m_step;
    const Config& m_config;
    const LayerWeights& m_weights;
    TokenRange m_range;
};

} // namespace

void attend(const Step& step, const Config& c, const LayerWeights& w, kv::PositionLayer& cache, const float* x,
            float* y) {
    const ops::Span span(step.ops, SpanKind::Attention, step.tokens);
    const ops::ScratchScope scope(step.ops.scratch);
    storeLatents(step, c, w.attention, x, cache);
    if (w.indexer && !step.stopped()) {
        const ops::Span indexer(step.ops, SpanKind::Indexer, step.tokens);
        storeIndexKeys(step, c, *w.indexer, x, cache);
    }
    if (step.stopped())
        return;
    const auto latents = queryLatents(step, c, w.attention, x);
    for (std::int64_t t = 0; t < step.tokens && !step.stopped(); t += decoder::kQueryTokens) {
        const TokenRange range{t, std::min(decoder::kQueryTokens, step.tokens - t)};
        const auto own = latents.empty() ? latents : latents.subspan(static_cast<std::size_t>(t * c.qLoraRank));
        QueryTile(step, c, w, range).run(cache, x + t * c.hiddenSize, own, y + t * c.hiddenSize);
    }
}

std::int64_t planAttention(const Config& c, const decoder::PlanSize& size) {
    const auto tile = std::min(size.chunk, decoder::kQueryTokens);
    const auto attended = c.indexer ? std::min<std::int64_t>(c.indexer->topK, size.tokens) : size.tokens;
    const auto chunk = size.chunk * (c.latentDim() + c.qLoraRank);
    const auto queries = tile * (c.headCount * (c.latentDim() + c.kvLoraRank) + c.queryWidth() + c.outputWidth() + 64);
    const auto core = size.perThread(c.headCount * attended + 32 * c.latentDim() + 4 * c.kvLoraRank + 2 * size.chunk);
    const auto perHead = std::max<std::int64_t>({c.kvLoraRank, c.nopeDim, c.valueDim});
    const auto rounded = size.chunk * c.hiddenSize + tile * c.headCount * perHead;
    return chunk + queries + core + rounded + planIndexer(c, size);
}

} // namespace bathy::model::deepseek_v3
