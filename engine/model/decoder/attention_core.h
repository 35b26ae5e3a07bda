// Queries against the cached rows of one layer, for any family whose rows are addressed by position.
#pragma once

#include "engine/model/decoder/step.h"

#include <cstdint>
#include <span>

namespace bathy::model::decoder {

// How heads and cached rows belong together: query head h reads the row of group h / headsPerGroup.
struct CoreShape {
    std::int64_t groups = 1;
    std::int64_t headsPerGroup = 0;
    std::int64_t keyDim = 0;      // first channels of a row
    std::int64_t valueOffset = 0; // the value is row[valueOffset, valueOffset + valueDim)
    std::int64_t valueDim = 0;
    std::int64_t rowDim = 0;
    float scale = 0;

    std::int64_t heads() const { return groups * headsPerGroup; }
};

// Positions that a token attends to: those of `index`, ascending, or 0 .. count - 1 when it is null.
struct TokenRows {
    const std::int32_t* index = nullptr;
    std::int64_t count = 0;
    const float* scores = nullptr; // of an indexer, by position; for tokens that a probe wants, null elsewhere
};

// A few tokens of the chunk.
struct TokenRange {
    std::int64_t first = 0;
    std::int64_t count = 0;
};

// Which tokens of the range a probe wants to look at. [count]
std::span<const bool> wantedByProbes(const Step& step, TokenRange range);

// Appends the rows of the chunk to the layer's cache. rows [T, groups, rowDim].
void storeRows(const Step& step, const CoreShape& shape, const float* rows, kv::PositionLayer& layer);

// out [range.count, heads, valueDim] from q [range.count, heads, keyDim]. The chunk's own rows must be stored.
// Shows probes what they want; that changes no bit of the result.
void attendRows(const Step& step, const CoreShape& shape, TokenRange range, std::span<const TokenRows> rows,
                const kv::PositionLayer& layer, const float* q, float* out);

} // namespace bathy::model::decoder
