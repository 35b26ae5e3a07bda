// The lightning indexer: scores of entries for each token, the choice of the TOP best, and its own loss: the divergence
// of its softmax from the attention that the layer pays. Nothing of it reaches the rest of the model.
#pragma once
#include "core.h"

namespace step {
struct IndexerWeights {
    const Weight& wq_b;
    Compressor compressor;
};
struct Indexer {
    Entries keys;
    half* queries = nullptr;         // [T, INDEX_HEADS, INDEX], rotated
    float* scores = nullptr;         // [T, entries]
    const uint8_t* chosen = nullptr; // [T, entries], or null
    // What forward read: columns of [T, ld] and [T, QUERY].
    const float *value = nullptr, *gate = nullptr, *heads = nullptr;
    int64_t ld = 0;
    const half* compressed_query = nullptr;
};

// value, gate and heads: the projections of x for the indexer's compressor and its weights of heads, columns of [T,
// ld].
Indexer score(const Run& run, const IndexerWeights& w, const half* compressed_query, const float* value,
              const float* gate, const float* heads, int64_t ld);

struct IndexerGradients {
    float *wq_b, *ape, *norm;
    half *value, *gate, *heads; // columns of [T, ldd]
    int64_t ldd;
};
// Loss of the layer, once attend has left its weights; gradients are added, those of columns written.
float imitate(const Run& run, const IndexerWeights& w, const Indexer& in, const Core& core, const IndexerGradients& g);
} // namespace step
