// The mixture of experts of one block: routing by table or by biased scores, the chosen experts and the shared one.
#pragma once
#include "matrix.h"
#include "run.h"

namespace step {
struct ExpertsWeights {
    Weight up[EXPERTS + 1], down[EXPERTS + 1]; // w1 above w3; w2; the last is the shared expert
    void pack(Arena& kept, Arena& scratch, const Table& t);
};
// How a block routes: by table [VOCAB, PICKS] where there is one, else by score plus bias [EXPERTS].
struct Routing {
    const int64_t* table;
    const float* bias;
    float* load; // [EXPERTS], added to
};
struct Experts {
    const float* x = nullptr;                                      // [T, DIM]
    float *logits = nullptr, *scores = nullptr, *shares = nullptr; // [T, EXPERTS] twice, [T, PICKS]
    int32_t* chosen = nullptr;                                     // [T, PICKS]
    int starts[EXPERTS + 2] = {}; // rows of each expert, padded to 32; the shared one's are the last T
    int32_t* tokens = nullptr;    // [rows]: whose row it is, -1 for padding
    float* row_shares = nullptr;
    int32_t* row_picks = nullptr; // which of the token's picks, -1 for the shared expert
    half* in = nullptr;           // [rows, DIM]
    float* up = nullptr;          // [rows, 2 INNER]
    half* mid = nullptr;          // [rows, INNER]
    bool balanced = false;
};

Experts mixExperts(const Run& run, const Table& t, const ExpertsWeights& w, const Routing& routing, const int64_t* ids,
                   const float* x, float* y);
// dx is written.
void mixExpertsBack(const Run& run, const Table& t, const ExpertsWeights& w, const Experts& e, const float* dy,
                    float* dx);
} // namespace step
