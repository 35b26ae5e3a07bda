// From streams to logits at the tokens that the loss counts, the loss, and back.
#pragma once
#include "matrix.h"

namespace step {
struct Counted {
    const int32_t* tokens;  // [count], indices into the streams
    const int64_t* targets; // [count]
    const uint8_t* recall;  // [count]: whether the answer is to be counted as right or wrong; null: none
    int count;
};
struct HeadFigures {
    float loss = 0; // mean
    int right = 0, asked = 0;
};
// table: where OUT_NORM and HC_HEAD_* lie; head: the packed head and its gradient [VOCAB, DIM]. Gradients of share
// times the loss are added to dstreams and the table's.
HeadFigures headLoss(Arena& arena, const Table& table, const Weight& head, float* dhead, const float* streams,
                     const Counted& counted, float share, float* dstreams);
} // namespace step
