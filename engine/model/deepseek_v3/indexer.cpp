#include "engine/model/deepseek_v3/indexer.h"

#include "engine/ops/indexer.h"
#include "engine/ops/linear.h"
#include "engine/ops/norm.h"
#include "engine/ops/quantize.h"
#include "engine/ops/rope.h"

#include <bit>
#include <cmath>

namespace bathy::model::deepseek_v3 {
namespace {

using decoder::Step;
using decoder::TokenRange;

constexpr float kNormEps = 1e-6f;

// The rotated channels come first, and their pairs are made otherwise than those of the attention itself.
void rotate(const Step& step, const Config& c, TokenRange range, std::int64_t heads, float* x) {
    ops::RopeShape shape{range.count, heads, c.indexer->headDim, c.ropeDim};
    shape.pairing = c.indexer->ropeInterleaved ? ops::RopePairing::Interleaved : ops::RopePairing::HalfSplit;
    shape.place = ops::RopePlace::First;
    ops::applyRope(step.ops, shape, step.anglesAt(range.first), ops::RopeDirection::Forward, x);
}

// Hadamard and FP8 grid, one scale a vector, both sides of the dot product alike. The transform cancels in the product,
// so that leaving it out for widths that are no power of two only spreads the rounding differently.
void putOnGrid(const Step& step, std::int64_t width, std::int64_t count, float* rows) {
    const std::span<float> all(rows, static_cast<std::size_t>(count * width));
    ops::roundToBf16(step.ops, all);
    if (std::has_single_bit(static_cast<std::uint64_t>(width))) {
        ops::hadamard(step.ops, rows, count, width);
        ops::roundToBf16(step.ops, all);
    }
    ops::fp8Grid(step.ops, {count, width, width, width}, rows);
}

// Queries and head weights of the tile's tokens from `begin` on.
ops::IndexQueries makeQueries(const Step& step, const Config& c, const IndexerWeights& w, const IndexerInput& input,
                              std::int64_t begin) {
    auto& scratch = step.ops.scratch;
    const auto& indexer = *c.indexer;
    const TokenRange range{input.range.first + begin, input.range.count - begin};
    const auto q = scratch.take<float>(range.count * w.q.rows);
    const auto headWeights = scratch.take<float>(range.count * indexer.heads);
    const auto visible = scratch.take<std::int64_t>(range.count);
    for (std::int64_t t = 0; t < range.count; ++t)
        visible[static_cast<std::size_t>(t)] = step.first + range.first + t + 1;
    ops::linear(step.ops, w.q, input.latents + begin * c.qLoraRank, range.count, q.data());
    ops::linear(step.ops, w.headWeights, input.x + begin * c.hiddenSize, range.count, headWeights.data());
    if (!step.stopped()) {
        rotate(step, c, range, indexer.heads, q.data());
        if (step.formats.onGrid())
            putOnGrid(step, indexer.headDim, range.count * indexer.heads, q.data());
        const double scale = 1 / std::sqrt(static_cast<double>(indexer.heads) * indexer.headDim);
        for (auto& weight : headWeights)
            weight *= static_cast<float>(scale);
    }
    return {range.count, indexer.heads, q.data(), headWeights.data(), visible.data()};
}

} // namespace

void storeIndexKeys(const Step& step, const Config& c, const IndexerWeights& w, const float* x,
                    kv::PositionLayer& cache) {
    const ops::ScratchScope scope(step.ops.scratch);
    const std::int64_t width = c.indexer->headDim;
    const auto keys = step.ops.scratch.take<float>(step.tokens * width);
    ops::linear(step.ops, w.k, x, step.tokens, keys.data());
    if (step.stopped())
        return;
    ops::layerNorm(step.ops, keys.data(), w.kNorm, w.kNormBias, kNormEps, step.tokens, keys.data());
    rotate(step, c, {0, step.tokens}, 1, keys.data());
    if (step.formats.onGrid())
        putOnGrid(step, width, step.tokens, keys.data());
    for (std::int64_t t = 0; t < step.tokens; ++t)
        ops::packIndexKey(step.formats.keys, width, keys.data() + t * width, cache.indexKeys.row(step.first + t));
}

void pickRows(const Step& step, const Config& c, const IndexerWeights& w, const IndexerInput& input,
              kv::PositionLayer& cache, std::span<decoder::TokenRows> rows) {
    const std::int64_t topK = c.indexer->topK;
    const auto seenBy = [&](std::int64_t t) { return step.first + input.range.first + t + 1; };
    std::int64_t begin = 0; // tokens before it see so few that they take all of them
    for (; begin < input.range.count && seenBy(begin) <= topK; ++begin)
        rows[static_cast<std::size_t>(begin)] = {nullptr, seenBy(begin), nullptr};
    if (begin == input.range.count)
        return;
    auto& scratch = step.ops.scratch;
    const auto queries = makeQueries(step, c, w, input, begin);
    if (step.stopped())
        return;
    const ops::IndexKeys keys{step.formats.keys, c.indexer->headDim, cache.indexKeys.data(), cache.indexKeys.rowBytes(),
                              queries.visible[queries.tokens - 1]};
    const auto index = scratch.take<std::int32_t>(queries.tokens * topK);
    const auto counts = scratch.take<std::int32_t>(queries.tokens);
    ops::indexSelect(step.ops, keys, queries, topK, index.data(), counts.data());
    if (step.stopped())
        return;
    const auto wanted = decoder::wantedByProbes(step, input.range);
    for (std::int64_t t = 0; t < queries.tokens; ++t) {
        auto& row = rows[static_cast<std::size_t>(begin + t)];
        row = {index.data() + t * topK, counts[static_cast<std::size_t>(t)], nullptr};
        if (!wanted[static_cast<std::size_t>(begin + t)])
            continue;
        const auto scores = scratch.take<float>(keys.count);
        ops::indexScores(step.ops, keys,
                         {1, queries.heads, queries.q + t * queries.heads * keys.dim,
                          queries.weights + t * queries.heads, queries.visible + t},
                         scores.data());
        row.scores = scores.data();
    }
}

std::int64_t planIndexer(const Config& c, const decoder::PlanSize& size) {
    if (!c.indexer)
        return 0;
    const auto& i = *c.indexer;
    const auto tile = std::min(size.chunk, decoder::kQueryTokens);
    return size.chunk * i.headDim + tile * (i.heads * (i.headDim + 1) + i.topK + 8) +
           size.perThread(size.tokens + i.heads * (i.headDim + 1) + 4 * i.headDim);
}

} // namespace bathy::model::deepseek_v3
