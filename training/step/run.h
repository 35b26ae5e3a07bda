// What one piece of a training step shares between its layers.
#pragma once
#include "half.h"

namespace step {
struct Rotation {
    const float *cosine, *sine; // [S, ROPE / 2]
};

struct Run {
    int rows, length;     // rows of `length` tokens; a multiple of CHUNK
    int reach;            // tokens in the window, at most CHUNK
    int rounds;           // of Sinkhorn
    bool sparse;          // the indexer chooses TOP entries where there are more
    const int32_t* asked; // positions whose attention the indexer is trained to foretell
    int asked_count;
    float index_share;   // of each layer's indexer loss in the total
    float balance_share; // of each layer's balance loss
    Rotation plain, compressed;
    Arena* arena;
    int tokens() const { return rows * length; }
    int chunks() const { return tokens() / CHUNK; }
    int chunksInRow() const { return length / CHUNK; }
    Rotation rotation(int ratio) const { return ratio ? compressed : plain; }
};
} // namespace step
