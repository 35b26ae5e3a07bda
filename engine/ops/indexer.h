// The lightning indexer of CSA layers (spec 2.7): which compressed entries a token attends to.
#pragma once

#include "engine/ops/context.h"
#include "kernels/indexer/indexer.h"

#include <span>

namespace bathy::ops {

using kernels::IndexKeys;

struct IndexQueries {
    std::int64_t tokens = 0;
    std::int64_t heads = 0;
    const float* q = nullptr;              // [T, heads, keys.dim]
    const float* weights = nullptr;        // [T, heads], both scales of spec 2.7 step 3 included
    const std::int64_t* visible = nullptr; // [T] entries that the token may see, at most keys.count
};

// scores[t, s] = sum_h weights[t, h] * max(0, q[t, h] . k[s]) for s < visible[t], minus infinity for the others.
// scores [T, keys.count].
void indexScores(Context& context, const IndexKeys& keys, const IndexQueries& queries, float* scores);

// The min(topK, visible[t]) entries of highest score of each token, ascending; ties go to the lower index.
// picks [T, topK], counts [T]. Scores are made in pieces, so memory does not grow with T * keys.count.
void indexSelect(Context& context, const IndexKeys& keys, const IndexQueries& queries, std::int64_t topK,
                 std::int32_t* picks, std::int32_t* counts);

// The selection alone, over one row of scores; returns how many were picked. NaN counts as minus infinity.
std::int64_t selectTopK(std::span<const float> scores, std::int64_t topK, std::int32_t* picks);

} // namespace bathy::ops
