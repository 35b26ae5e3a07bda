// Scores of the lightning indexer for one token (spec 2.7 step 4) and the selection of the best.
#pragma once

#include "kernels/packed_rows/packed_rows.h"

namespace bathy::kernels {

struct IndexKeys {
    IndexKeyFormat format = IndexKeyFormat::F32;
    std::int64_t dim = 0;
    const std::byte* rows = nullptr;
    std::int64_t rowBytes = 0; // distance of two keys, at least indexKeyBytes(format, dim)
    std::int64_t count = 0;
};

// scores[s] = sum_h weights[h] * max(0, q[h] . k[s]) for s in [begin, end).
struct IndexScoreJob {
    const IndexKeys* keys = nullptr;
    std::int64_t heads = 0;
    const float* q = nullptr;       // [heads, dim]
    const float* weights = nullptr; // [heads]
    std::int64_t begin = 0;
    std::int64_t end = 0;
    float* scores = nullptr;  // [end - begin]
    float* scratch = nullptr; // indexScratchFloats(), 64-byte aligned
};

std::int64_t indexScratchFloats(std::int64_t heads, std::int64_t dim);
void indexScoresReference(const IndexScoreJob& job);
void indexScoresAvx2(const IndexScoreJob& job);
void indexScoresAvx512(const IndexScoreJob& job);

// The min(k, count) largest scores, written ascending by index; of equal scores the lower index is taken. NaN counts as
// minus infinity. Returns how many were written. Linear in count, allocates nothing.
std::int64_t selectLargest(const float* scores, std::int64_t count, std::int64_t k, std::int32_t* picks);

} // namespace bathy::kernels
