// Hyper-connections: what a sub-layer reads from the streams and how its output is written back, forward and backward.
// Streams are [T, STREAMS, DIM]; split is [T, MIX]: 4 reading weights, 4 writing weights, 16 mixing weights (source,
// target), made doubly stochastic by Sinkhorn rounds.
#pragma once
#include "matrix.h"

namespace step {
constexpr int MOST_ROUNDS = 20;

struct Read {
    const float* streams = nullptr;
    half* operand = nullptr;                                                      // streams as operand
    float *raw = nullptr, *inverse = nullptr, *split = nullptr, *inner = nullptr; // [T, MIX_ROOM], [T], [T, MIX], [T]
};
struct ReadWeights {
    const Weight& fn;
    const float *scale, *base, *norm;
};
struct ReadGradients {
    float *fn, *scale, *base, *norm;
};

// x [T, DIM]: the sub-layer's normed input.
Read readStreams(Arena& arena, int T, const float* streams, int rounds, const ReadWeights& w, float* x);
// dsplit's writing and mixing part and dx are given; dstreams is added to.
void readStreamsBack(Arena& arena, int T, const Read& read, int rounds, const ReadWeights& w, const float* dx,
                     const float* dsplit, float* dstreams, const ReadGradients& g);

void writeStreams(int T, const float* y, const float* streams, const float* split, float* out);
// g: gradient of out. dy [T, DIM], dstreams and dsplit are written.
void writeStreamsBack(int T, const float* y, const float* streams, const float* split, const float* g, float* dy,
                      float* dstreams, float* dsplit);
} // namespace step
