// Attention of one block: projections, norms, rotation, compressed entries, the indexer, the core and the grouped
// output projection, forward and backward.
#pragma once
#include "indexer.h"

namespace step {
struct AttentionWeights {
    Weight x;     // wq_a, wkv, then the compressor's wkv and wgate
    Weight index; // the indexer's compressor and its weights of heads
    Weight wq_b, index_wq_b, wo_a[GROUPS], wo_b;
    void pack(Arena& kept, Arena& scratch, const Table& t, int ratio);
};

struct Attention {
    const half* x = nullptr;    // [T, DIM]
    float* projected = nullptr; // [T, x.rows]
    float* index_projected = nullptr;
    half *query = nullptr, *out = nullptr, *group_out = nullptr; // [T, QUERY], [T, ALL_HEADS], [T, ALL_OUT]
    float *raw_queries = nullptr, *query_inverse = nullptr, *queries_inverse = nullptr, *key_inverse = nullptr;
    Core core;
    Indexer indexer;
    bool indexed = false;
};

// y [T, DIM].
Attention attention(const Run& run, const Table& t, const AttentionWeights& w, int ratio, const half* x, float* y);
// dy [T, DIM] as halves; dx [T, DIM] is written. Returns the indexer's loss, 0 where there is none.
float attentionBack(const Run& run, const Table& t, const AttentionWeights& w, const Attention& a, const half* dy,
                    float* dx);
} // namespace step
