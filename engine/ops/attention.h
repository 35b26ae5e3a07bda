// The attention core (spec 2.8): queries against rows that are both key and value and shared by all heads, with a sink.
#pragma once

#include "engine/ops/context.h"
#include "kernels/attention/attention.h"

#include <span>

namespace bathy::ops {

using kernels::KvPick;
using kernels::KvRows;

struct AttentionShape {
    std::int64_t heads = 0;
    std::int64_t dim = 0;
    float scale = 0;             // dim^(-1/2)
    const float* sink = nullptr; // [heads] logits that only enlarge the denominator; null: none
};

// One query token. The rows it attends to are those of `picks`, in that order; there must be at least one.
struct AttentionToken {
    const float* q = nullptr;      // [heads, dim]
    float* out = nullptr;          // [heads, dim]
    std::span<const KvPick> picks; // which rows of which store
    float* mass = nullptr;         // [rows] mean over the heads of each row's probability; null: not wanted
};

// out[h] = sum_j e^(s_hj - m) k_j / (sum_j e^(s_hj - m) + e^(sink_h - m)), s_hj = scale * q[h] . k_j, m the largest of
// all. A token's result depends on its own q and its sequence of rows only; asking for the mass changes no bit of it.
void attention(Context& context, const AttentionShape& shape, std::span<const AttentionToken> tokens);

} // namespace bathy::ops
