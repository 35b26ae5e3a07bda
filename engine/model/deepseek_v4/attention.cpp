#include "engine/model/deepseek_v4/attention.h"

#include "engine/model/deepseek_v4/attention_probe.h"
#include "engine/model/deepseek_v4/compressor.h"
#include "engine/model/deepseek_v4/indexer.h"
#include "engine/ops/attention.h"
#include "engine/ops/linear.h"
#include "engine/ops/norm.h"
#include "engine/ops/packed_rows.h"
#include "engine/ops/quantize.h"
#include "engine/ops/rope.h"

#include <array>

namespace bathy::model::deepseek_v4 {
namespace {

using telemetry::SpanKind;

constexpr std::int64_t kGridBlock = 64;

// Rounds to bf16 and puts the un-rotated channels on the FP8 grid (spec 4.4), so that every format stores it exactly.
void putOnGrid(const Step& step, float* rows, std::int64_t count) {
    const std::int64_t width = step.config.headDim;
    ops::roundToBf16(step.ops, {rows, static_cast<std::size_t>(count * width)});
    ops::fp8Grid(step.ops, {count, width, step.config.nopeDim(), kGridBlock}, rows);
}

void packRows(const Step& step, const float* rows, std::int64_t count, std::byte* out) {
    const auto rowBytes = ops::kvRowBytes(step.formats.rows);
    for (std::int64_t i = 0; i < count; ++i)
        ops::packKvRow(step.formats.rows, rows + i * step.config.headDim, out + i * rowBytes);
}

// The chunk's window rows in their stored form, [T] rows.
std::span<const std::byte> makeWindowRows(const Step& step, const LayerWeights& layer, const float* x) {
    const ops::Span span(step.ops, SpanKind::WindowKv, step.tokens);
    auto& scratch = step.ops.scratch;
    const auto& c = step.config;
    const auto packed = scratch.take<std::byte>(step.tokens * ops::kvRowBytes(step.formats.rows));
    const ops::ScratchScope scope(scratch);
    const auto rows = scratch.take<float>(step.tokens * c.headDim);
    ops::linear(step.ops, layer.attention.wkv, x, step.tokens, rows.data());
    ops::rmsNorm(step.ops, rows.data(), layer.attention.kvNorm, step.eps(), step.tokens, rows.data());
    ops::applyRope(step.ops, {step.tokens, 1, c.headDim, c.ropeDim}, step.angles(layer.config, 0),
                   ops::RopeDirection::Forward, rows.data());
    if (step.formats.onGrid())
        putOnGrid(step, rows.data(), step.tokens);
    packRows(step, rows.data(), step.tokens, packed.data());
    return packed;
}

void appendEntries(const Step& step, const CompressorWeights& weights, const float* x, kv::LayerCache& cache) {
    const ops::Span span(step.ops, SpanKind::Compressor, step.tokens);
    const ops::ScratchScope scope(step.ops.scratch);
    const auto entries = compress(step, weights, x, cache.state);
    if (step.stopped() || entries.count == 0)
        return;
    if (step.formats.onGrid())
        putOnGrid(step, entries.rows.data(), entries.count);
    packRows(step, entries.rows.data(), entries.count, cache.entries.row(entries.first));
}

// Where the rows of a layer lie: old window rows in the ring, the chunk's own beside it, entries behind one another.
struct Stores {
    ops::KvRows ring;
    ops::KvRows chunk;
    ops::KvRows entries;
};

using TokenPicks = std::array<ops::KvPick, 4>;

// Window rows oldest first, then entries ascending: the same order whatever the chunk, so that sums have the same bits.
TokenPicks picksOf(const Step& step, const kv::LayerCache& cache, const Stores& stores, std::int64_t position,
                   const EntryPick& entries) {
    // A draft block's window may lack its oldest rows.
    const auto begin = std::max(cache.spec.windowBegin(position), cache.window.heldBefore(step.first));
    const auto [head, tail] = cache.window.find(begin, std::max(begin, step.first));
    const auto ownBegin = std::max(begin, step.first);
    return {{{&stores.ring, nullptr, head.slot, head.count},
             {&stores.ring, nullptr, tail.slot, tail.count},
             {&stores.chunk, nullptr, ownBegin - step.first, position + 1 - ownBegin},
             {&stores.entries, entries.index, 0, entries.count}}};
}

// A few tokens on their way from hidden state to attention output.
class QueryTile {
public:
    QueryTile(const Step& step, const LayerWeights& layer, kv::LayerCache& cache, std::int64_t firstToken,
              std::int64_t tokens)
        : m_step(step), m_layer(layer), m_cache(cache), m_first(firstToken), m_tokens(tokens) {}

    // x [tokens, d] and y [tokens, d] are the tile's; latents [tokens, qLoraRank].
    void run(const Stores& stores, const float* x, const float* latents, float* y) {
        const ops::ScratchScope scope(m_step.ops.scratch);
        m_q = m_step.ops.scratch.take<float>(m_tokens * m_step.config.queryWidth()).data();
        makeQueries(latents);
        TileProbes probes(m_step, m_first, m_tokens);
        const auto entries = chooseEntries(x, latents, probes.wanted());
        if (m_step.stopped())
            return;
        auto* out = m_step.ops.scratch.take<float>(m_tokens * m_step.config.queryWidth()).data();
        attendCore(stores, entries, probes, out);
        project(out, y);
    }

private:
    void makeQueries(const float* latents) {
        const auto& c = m_step.config;
        const ops::Span span(m_step.ops, SpanKind::QueryPath, m_tokens);
        ops::linear(m_step.ops, m_layer.attention.wqB, latents, m_tokens, m_q);
        ops::rmsNormRows(m_step.ops, m_q, m_tokens * c.headCount, c.headDim, m_step.eps(), m_q);
        rotate(ops::RopeDirection::Forward, m_q);
    }

    void rotate(ops::RopeDirection direction, float* heads) {
        const auto& c = m_step.config;
        ops::applyRope(m_step.ops, {m_tokens, c.headCount, c.headDim, c.ropeDim},
                       m_step.angles(m_layer.config, m_first), direction, heads);
    }

    std::span<EntryPick> chooseEntries(const float* x, const float* latents, std::span<const bool> wantScores) {
        const auto picks = m_step.ops.scratch.take<EntryPick>(m_tokens);
        if (m_layer.attention.indexer) {
            const ops::Span span(m_step.ops, SpanKind::Indexer, m_tokens);
            pickEntries(m_step, *m_layer.attention.indexer, {m_first, m_tokens, x, latents, wantScores}, m_cache,
                        picks);
            return picks;
        }
        for (std::int64_t t = 0; t < m_tokens; ++t)
            picks[static_cast<std::size_t>(t)] = {nullptr, m_cache.spec.entryCount(m_step.first + m_first + t + 1),
                                                  nullptr};
        return picks;
    }

    void attendCore(const Stores& stores, std::span<const EntryPick> entries, TileProbes& probes, float* out) {
        const auto& c = m_step.config;
        const ops::Span span(m_step.ops, SpanKind::AttentionCore, m_tokens);
        const auto picks = m_step.ops.scratch.take<TokenPicks>(m_tokens);
        const auto tokens = m_step.ops.scratch.take<ops::AttentionToken>(m_tokens);
        for (std::int64_t t = 0; t < m_tokens; ++t) {
            const auto i = static_cast<std::size_t>(t);
            const auto position = m_step.first + m_first + t;
            picks[i] = picksOf(m_step, m_cache, stores, position, entries[i]);
            tokens[i] = {m_q + t * c.queryWidth(), out + t * c.queryWidth(), picks[i],
                         probes.massOf(t, c.slidingWindow + entries[i].count)};
        }
        const ops::AttentionShape shape{c.headCount, c.headDim, static_cast<float>(c.attentionScale()),
                                        m_layer.attention.sink.data()};
        ops::attention(m_step.ops, shape, tokens);
        if (!m_step.stopped())
            probes.report(m_cache.spec, entries);
    }

    // Values carry the rotation of their own position; taking out the query's leaves the distance. Spec 2.9.
    void project(float* heads, float* y) {
        const auto& c = m_step.config;
        const ops::Span span(m_step.ops, SpanKind::OutputProjection, m_tokens);
        rotate(ops::RopeDirection::Inverse, heads);
        const auto mid = m_step.ops.scratch.take<float>(m_tokens * c.outputMidWidth());
        const auto& woA = m_layer.attention.woA;
        ops::groupedLinear(m_step.ops, woA, c.outputGroups, heads, m_tokens, mid.data());
        ops::linear(m_step.ops, m_layer.attention.woB, mid.data(), m_tokens, y);
    }

    const Step& m_step;
    const LayerWeights& m_layer;
    kv::LayerCache& m_cache;
    std::int64_t m_first;
    std::int64_t m_tokens;
    float* m_q = nullptr; // [tokens, H, D]
};

std::span<float> makeLatents(const Step& step, const LayerWeights& layer, const float* x) {
    const ops::Span span(step.ops, SpanKind::QueryPath, step.tokens);
    const auto latents = step.ops.scratch.take<float>(step.tokens * step.config.qLoraRank);
    ops::linear(step.ops, layer.attention.wqA, x, step.tokens, latents.data());
    ops::rmsNorm(step.ops, latents.data(), layer.attention.qNorm, step.eps(), step.tokens, latents.data());
    return latents;
}

} // namespace

void attend(const Step& step, const LayerWeights& layer, kv::LayerCache& cache, const float* x, float* y) {
    const ops::Span span(step.ops, SpanKind::Attention, step.tokens);
    const ops::ScratchScope scope(step.ops.scratch);
    const auto windowRows = makeWindowRows(step, layer, x);
    if (layer.attention.compressor)
        appendEntries(step, *layer.attention.compressor, x, cache);
    if (layer.attention.indexer && !step.stopped()) {
        const ops::Span indexer(step.ops, SpanKind::Indexer, step.tokens);
        appendIndexKeys(step, *layer.attention.indexer, x, cache);
    }
    const auto latents = makeLatents(step, layer, x);
    const Stores stores{{step.formats.rows, cache.window.data(), cache.window.rowBytes()},
                        {step.formats.rows, windowRows.data(), cache.window.rowBytes()},
                        {step.formats.rows, cache.entries.data(), cache.entries.rowBytes()}};
    for (std::int64_t t = 0; t < step.tokens && !step.stopped(); t += kQueryTokens)
        QueryTile(step, layer, cache, t, std::min(kQueryTokens, step.tokens - t))
            .run(stores, x + t * step.config.hiddenSize, latents.data() + t * step.config.qLoraRank,
                 y + t * step.config.hiddenSize);
    if (!step.stopped())
        cache.window.put(step.first, step.tokens, windowRows.data());
}

void appendWindow(const Step& step, const LayerWeights& layer, kv::LayerCache& cache, const float* x) {
    const ops::ScratchScope scope(step.ops.scratch);
    const auto rows = makeWindowRows(step, layer, x);
    if (!step.stopped())
        cache.window.put(step.first, step.tokens, rows.data());
}

} // namespace bathy::model::deepseek_v4
