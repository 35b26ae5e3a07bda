// The attention core (spec 2.8 of V4): queries against rows that hold key and value and are shared by the heads of a
// call.
#pragma once

#include "engine/ops/context.h"
#include "kernels/attention/attention.h"

#include <span>

namespace bathy::ops {

using kernels::KvPick;
using kernels::KvRows;

struct AttentionShape {
    std::int64_t heads = 0;
    std::int64_t dim = 0;        // channels of a query and of a key: the first of a row
    float scale = 0;             // of the scores
    const float* sink = nullptr; // [heads] logits that only enlarge the denominator; null: none
    std::int64_t valueDim = 0;   // channels of a value; 0: the key is the value
    std::int64_t valueOffset = 0;
    std::int64_t rowDim = 0; // channels of a row, as its store says; 0: dim

    std::int64_t outDim() const { return valueDim > 0 ? valueDim : dim; }
    std::int64_t storedDim() const { return rowDim > 0 ? rowDim : dim; }
};

// One query token. The rows it attends to are those of `picks`, in that order; there must be at least one.
struct AttentionToken {
    const float* q = nullptr;      // [heads, dim]
    float* out = nullptr;          // [heads, outDim]
    std::span<const KvPick> picks; // which rows of which store
    float* mass = nullptr;         // [rows] mean over the heads of each row's probability; null: not wanted
};

// out[h] = sum_j e^(s_hj - m) v_j / (sum_j e^(s_hj - m) + e^(sink_h - m)), s_hj = scale * q[h] . k_j, m the largest of
// all. A token's result depends on its own q and its sequence of rows only; asking for the mass changes no bit of it.
void attention(Context& context, const AttentionShape& shape, std::span<const AttentionToken> tokens);

} // namespace bathy::ops
