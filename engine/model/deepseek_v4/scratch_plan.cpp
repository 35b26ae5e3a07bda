#include "engine/model/deepseek_v4/scratch_plan.h"

#include "engine/model/deepseek_v4/step.h"

#include <algorithm>

namespace bathy::model::deepseek_v4 {
namespace {

// Floats that one thread of an op takes at most besides what is counted below: tiles of decoded weights and keys.
constexpr std::int64_t kOpFloats = 48 * 1024;
// The context is taken in large steps, so that a growing one does not ask for a little more every few tokens.
constexpr std::int64_t kContextStep = 16'384;
// Blocks are handed out in whole cache lines.
constexpr std::int64_t kRounding = 16 * 1024;

struct Sizes {
    const Config& c;
    std::int64_t threads;
    std::int64_t chunk;  // T
    std::int64_t tokens; // context at the end of the chunk

    std::int64_t tile() const { return std::min(chunk, kQueryTokens); }
    std::int64_t perThread(std::int64_t floats) const { return threads * (floats + kOpFloats); }

    // Held from the first layer to the last: streams, angles, positions.
    std::int64_t wholeChunk() const { return chunk * (c.streamWidth() + 2 * c.ropeDim + 2); }
    // Input, output and coefficients of one sub-layer.
    std::int64_t subLayer() const { return chunk * (2 * c.hiddenSize + c.hcMult * (c.hcMult + 1)); }
    std::int64_t hyper() const { return chunk * c.mixWidth() + perThread(2 * chunk); }

    std::int64_t compressor(const LayerConfig& layer, std::int64_t width) const {
        const auto entries = chunk / layer.ratio + 1;
        const auto rowsPerEntry = layer.overlapping() ? 2 * layer.ratio : layer.ratio;
        const auto pointers = entries * rowsPerEntry * 4; // two of 8 bytes each
        return entries * (width + c.ropeDim + 2) + pointers + (2 * chunk + 2) * layer.compressorParts() * width +
               perThread(2 * chunk);
    }
    std::int64_t queries(const LayerConfig& layer) const {
        const auto entries = layer.compressed() ? tokens / layer.ratio : 0;
        const bool sparse = layer.attention == AttentionKind::CompressedSparse;
        const auto attended = c.slidingWindow + (sparse ? std::min<std::int64_t>(c.indexTopK, entries) : entries);
        auto floats = tile() * (2 * c.queryWidth() + c.outputMidWidth() + 80); // 80: what the rows are named by
        floats += perThread(c.headCount * attended);
        if (sparse && entries > c.indexTopK)
            floats += tile() * (c.indexHeads * (c.indexHeadDim + 1) + c.indexTopK + 4) + perThread(entries);
        return floats;
    }
    std::int64_t attention(const LayerConfig& layer) const {
        auto inner = std::max(chunk * c.headDim + perThread(2 * chunk), queries(layer));
        if (layer.compressed())
            inner = std::max(inner, compressor(layer, std::max(c.headDim, c.indexHeadDim)));
        const auto rounded = chunk * c.hiddenSize + tile() * std::max(c.queryWidth(), c.outputMidWidth());
        return chunk * (c.headDim + c.qLoraRank) + inner + rounded;
    }
    std::int64_t experts() const {
        const auto pairs = chunk * (c.expertsPerToken + (c.sharedExperts > 0 ? 1 : 0));
        const auto inner = std::max(1, c.sharedExperts) * c.expertWidth;
        const auto routing = 2 * chunk * c.expertsPerToken;
        const auto rounded = chunk * c.hiddenSize + pairs * inner;
        const auto mixing = rounded + pairs * (inner + 2) + c.routedExperts + 2 + perThread(chunk * (2 * 130 + 1024));
        return routing + std::max(chunk * c.routedExperts + perThread(2 * c.routedExperts + 2 * chunk), mixing);
    }
    // The MTP block's rows of a chunk.
    std::int64_t draft() const {
        const auto rows = std::min<std::int64_t>(chunk, c.slidingWindow + StateOptions().rollbackSlack);
        const auto input = 2 * c.hiddenSize + c.streamWidth() + c.ropeDim + 2;
        const auto hyper = c.hcMult * (c.hcMult + 1) + c.mixWidth();
        return rows * (2 * c.streamWidth() + c.hiddenSize + std::max(input, hyper + 2 * c.headDim)) +
               perThread(2 * rows * c.hcMult);
    }
    std::int64_t head() const { return chunk * (2 * c.hiddenSize + c.hcMult) + perThread(2 * chunk); }
};

} // namespace

std::uint64_t planScratchBytes(const Config& config, int threads, std::int64_t chunk, std::int64_t tokens,
                               bool drafts) {
    const auto context = std::min((tokens + kContextStep - 1) / kContextStep * kContextStep, config.contextLength);
    const Sizes sizes{config, threads, std::min(chunk, kChunkTokens), context};
    auto inner = std::max(sizes.hyper(), sizes.experts());
    for (const auto& layer : config.layers)
        inner = std::max(inner, sizes.attention(layer));
    auto most = std::max(sizes.subLayer() + inner, sizes.head());
    if (drafts)
        most = std::max(most, sizes.draft());
    const auto floats = sizes.wholeChunk() + most + kRounding;
    return static_cast<std::uint64_t>(floats) * sizeof(float);
}

} // namespace bathy::model::deepseek_v4
