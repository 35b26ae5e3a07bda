// The lightning indexer of V3.2 (spec section 8): which tokens a query attends to.
#pragma once

#include "engine/model/decoder/attention_core.h"
#include "engine/model/decoder/decoder.h"
#include "engine/model/deepseek_v3/weights.h"

namespace bathy::model::deepseek_v3 {

// Stores the index keys of the chunk. x [T, d].
void storeIndexKeys(const decoder::Step& step, const Config& config, const IndexerWeights& weights, const float* x,
                    kv::PositionLayer& cache);

// What a tile of tokens brings to the indexer.
struct IndexerInput {
    decoder::TokenRange range;
    const float* x = nullptr;       // [count, d]
    const float* latents = nullptr; // [count, qLoraRank], the normed low-rank queries
};

// Rows [count] for the tile; what they point to lives in the caller's scratch scope. A token that sees no more than
// topK tokens attends to all of them.
void pickRows(const decoder::Step& step, const Config& config, const IndexerWeights& weights, const IndexerInput& input,
              kv::PositionLayer& cache, std::span<decoder::TokenRows> rows);

// Floats that it takes, an upper bound; 0 without an indexer.
std::int64_t planIndexer(const Config& config, const decoder::PlanSize& size);

} // namespace bathy::model::deepseek_v3
