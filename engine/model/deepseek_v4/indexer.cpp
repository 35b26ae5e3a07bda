#include "engine/model/deepseek_v4/indexer.h"

#include "engine/model/deepseek_v4/compressor.h"
#include "engine/ops/indexer.h"
#include "engine/ops/linear.h"
#include "engine/ops/norm.h"
#include "engine/ops/quantize.h"
#include "engine/ops/rope.h"

#include <bit>

namespace bathy::model::deepseek_v4 {
namespace {

constexpr std::int64_t kGridBlock = 32;

// Hadamard and FP4 grid, both sides of the dot product alike. The transform cancels in the product, so that leaving it
// out for widths that are no power of two only spreads the rounding differently.
void putOnGrid(const Step& step, float* rows, std::int64_t count) {
    const std::int64_t width = step.config.indexHeadDim;
    const std::span<float> all(rows, static_cast<std::size_t>(count * width));
    ops::roundToBf16(step.ops, all);
    if (std::has_single_bit(static_cast<std::uint64_t>(width))) {
        ops::hadamard(step.ops, rows, count, width);
        ops::roundToBf16(step.ops, all);
    }
    ops::fp4Grid(step.ops, {count, width, width, kGridBlock}, rows);
}

// Queries and head weights of the tile's tokens from `begin` on.
ops::IndexQueries makeQueries(const Step& step, const IndexerWeights& weights, const IndexerInput& input,
                              std::int64_t begin) {
    auto& scratch = step.ops.scratch;
    const auto& c = step.config;
    const auto count = input.tokens - begin;
    const auto q = scratch.take<float>(count * weights.wqB.rows);
    ops::linear(step.ops, weights.wqB, input.latents + begin * c.qLoraRank, count, q.data());
    const auto* angles = step.compressAngles.data() + (input.firstToken + begin) * c.ropeDim;
    ops::applyRope(step.ops, {count, c.indexHeads, c.indexHeadDim, c.ropeDim}, angles, ops::RopeDirection::Forward,
                   q.data());
    if (step.formats.onGrid())
        putOnGrid(step, q.data(), count * c.indexHeads);
    const auto headWeights = scratch.take<float>(count * c.indexHeads);
    ops::linear(step.ops, weights.weightsProj, input.x + begin * c.hiddenSize, count, headWeights.data());
    for (auto& weight : headWeights)
        weight *= static_cast<float>(c.indexScale());
    const auto visible = scratch.take<std::int64_t>(count);
    for (std::int64_t t = 0; t < count; ++t)
        visible[static_cast<std::size_t>(t)] =
            (step.first + input.firstToken + begin + t + 1) / weights.compressor.ratio;
    return {count, c.indexHeads, q.data(), headWeights.data(), visible.data()};
}

ops::IndexQueries slice(const ops::IndexQueries& queries, std::int64_t keyDim, std::int64_t begin, std::int64_t count) {
    return {count, queries.heads, queries.q + begin * queries.heads * keyDim, queries.weights + begin * queries.heads,
            queries.visible + begin};
}

} // namespace

void appendIndexKeys(const Step& step, const IndexerWeights& weights, const float* x, kv::LayerCache& cache) {
    const ops::ScratchScope scope(step.ops.scratch);
    const auto entries = compress(step, weights.compressor, x, cache.indexState);
    if (step.stopped())
        return;
    const auto width = weights.compressor.width;
    if (step.formats.onGrid() && entries.count > 0)
        putOnGrid(step, entries.rows.data(), entries.count);
    for (std::int64_t i = 0; i < entries.count; ++i)
        ops::packIndexKey(step.formats.keys, width, entries.rows.data() + i * width,
                          cache.indexKeys.row(entries.first + i));
}

void pickEntries(const Step& step, const IndexerWeights& weights, const IndexerInput& input, kv::LayerCache& cache,
                 std::span<EntryPick> picks) {
    const std::int64_t topK = step.config.indexTopK;
    const auto ratio = weights.compressor.ratio;
    std::int64_t begin = 0; // tokens before it see so few entries that they take all of them
    for (; begin < input.tokens; ++begin) {
        const auto visible = (step.first + input.firstToken + begin + 1) / ratio;
        if (visible > topK)
            break;
        picks[static_cast<std::size_t>(begin)] = {nullptr, visible, nullptr};
    }
    if (begin == input.tokens)
        return;
    auto& scratch = step.ops.scratch;
    const auto queries = makeQueries(step, weights, input, begin);
    const ops::IndexKeys keys{step.formats.keys, step.config.indexHeadDim, cache.indexKeys.data(),
                              cache.indexKeys.rowBytes(), queries.visible[queries.tokens - 1]};
    const auto index = scratch.take<std::int32_t>(queries.tokens * topK);
    const auto counts = scratch.take<std::int32_t>(queries.tokens);
    ops::indexSelect(step.ops, keys, queries, topK, index.data(), counts.data());
    for (std::int64_t t = 0; t < queries.tokens && !step.stopped(); ++t) {
        auto& pick = picks[static_cast<std::size_t>(begin + t)];
        pick = {index.data() + t * topK, counts[static_cast<std::size_t>(t)], nullptr};
        if (!input.wantScores[static_cast<std::size_t>(begin + t)])
            continue;
        const auto scores = scratch.take<float>(keys.count);
        ops::indexScores(step.ops, keys, slice(queries, keys.dim, t, 1), scores.data());
        pick.scores = scores.data();
    }
}

} // namespace bathy::model::deepseek_v4
