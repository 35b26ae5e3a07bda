// The lightning indexer of CSA layers (spec 2.7): which compressed entries a token attends to.
#pragma once

#include "engine/model/deepseek_v4/step.h"

#include <span>

namespace bathy::model::deepseek_v4 {

// Compressed entries per token of a tile of tokens. A token whose `index` is null takes entries 0 .. count - 1.
struct EntryPick {
    const std::int32_t* index = nullptr; // ascending
    std::int64_t count = 0;
    const float* scores = nullptr; // by entry, for tokens that a probe wants; null elsewhere
};

// Fills the index keys of the entries that the chunk completes. x [T, d].
void appendIndexKeys(const Step& step, const IndexerWeights& weights, const float* x, kv::LayerCache& cache);

// What one tile of tokens brings to the indexer.
struct IndexerInput {
    std::int64_t firstToken = 0; // of the chunk
    std::int64_t tokens = 0;
    const float* x = nullptr;         // [tokens, d]
    const float* latents = nullptr;   // [tokens, qLoraRank], the normed low-rank queries
    std::span<const bool> wantScores; // [tokens]
};

// Picks [tokens] for the tile; what they point to lives in the caller's scratch scope.
void pickEntries(const Step& step, const IndexerWeights& weights, const IndexerInput& input, kv::LayerCache& cache,
                 std::span<EntryPick> picks);

} // namespace bathy::model::deepseek_v4
