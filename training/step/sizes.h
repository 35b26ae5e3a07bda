// The model's dimensions, fixed when the library is built (-DSIZE_DIM=128 …; step.py passes all of them), and the
// order of its parameters in the tables that Python hands over.
#pragma once
#include <cstdint>

namespace step {
constexpr int STREAMS = 4, MIX = 2 * STREAMS + STREAMS * STREAMS, MIX_ROOM = 32, CHUNK = 128;
constexpr int DIM = SIZE_DIM, WIDE = STREAMS * DIM, HEADS = SIZE_HEADS, HEAD = SIZE_HEAD_DIM, ROPE = SIZE_ROPE,
              QUERY = SIZE_Q_LORA, GROUPS = SIZE_GROUPS, OUT = SIZE_O_LORA, ALL_HEADS = HEADS * HEAD,
              GROUP = ALL_HEADS / GROUPS, ALL_OUT = GROUPS * OUT, INDEX_HEADS = SIZE_INDEX_HEADS,
              INDEX = SIZE_INDEX_DIM, TOP = SIZE_INDEX_TOPK, EXPERTS = SIZE_EXPERTS, PICKS = SIZE_PICKS,
              INNER = SIZE_INTER, VOCAB = SIZE_VOCAB;
constexpr float NORM_EPS = 1e-6f, HC_EPS = 1e-6f, ROUTE_SCALE = 1.5f, LIMIT = 10.0f;
static_assert(DIM % 32 == 0 && HEAD % 32 == 0 && QUERY % 32 == 0 && GROUP % 32 == 0 && OUT % 16 == 0 &&
              ALL_OUT % 32 == 0 && INDEX % 32 == 0 && INNER % 32 == 0 && VOCAB % 32 == 0 && ROPE % 2 == 0);

// Parameters of a block, with their shapes; SPAN is twice the width for ratio 4, else the width.
enum Parameter {
    HC_ATTN_FN,    // [MIX, WIDE]
    HC_ATTN_BASE,  // [MIX]
    HC_ATTN_SCALE, // [3]
    ATTN_NORM,     // [DIM]
    SINK,          // [HEADS]
    WQ_A,          // [QUERY, DIM]
    Q_NORM,        // [QUERY]
    WQ_B,          // [ALL_HEADS, QUERY]
    WKV,           // [HEAD, DIM]
    KV_NORM,       // [HEAD]
    WO_A,          // [ALL_OUT, GROUP]
    WO_B,          // [DIM, ALL_OUT]
    COMP_WKV,      // [SPAN, DIM]
    COMP_WGATE,    // [SPAN, DIM]
    COMP_APE,      // [ratio, SPAN]
    COMP_NORM,     // [HEAD]
    INDEX_WQ_B,    // [INDEX_HEADS * INDEX, QUERY]
    INDEX_PROJ,    // [INDEX_HEADS, DIM]
    INDEX_WKV,     // [2 INDEX, DIM]
    INDEX_WGATE,   // [2 INDEX, DIM]
    INDEX_APE,     // [4, 2 INDEX]
    INDEX_NORM,    // [INDEX]
    HC_FFN_FN,
    HC_FFN_BASE,
    HC_FFN_SCALE,
    FFN_NORM,
    GATE, // [EXPERTS, DIM]
    W1,   // [EXPERTS, INNER, DIM]
    W3,
    W2,        // [EXPERTS, DIM, INNER]
    SHARED_W1, // [INNER, DIM]
    SHARED_W3,
    SHARED_W2, // [DIM, INNER]
    // of the MTP block only
    E_PROJ, // [DIM, DIM]
    H_PROJ,
    E_NORM, // [DIM]
    H_NORM,
    // where streams become logits: of the model (table of its own) and of the MTP block
    OUT_NORM,      // [DIM]
    HC_HEAD_FN,    // [STREAMS, WIDE]
    HC_HEAD_BASE,  // [STREAMS]
    HC_HEAD_SCALE, // [1]
    // of the model only
    EMBED,       // [VOCAB, DIM]
    HEAD_WEIGHT, // [VOCAB, DIM]
    PARAMETERS
};

// One table of offsets into the flat weights and gradients; -1 where a block has no such parameter.
struct Table {
    const float* weights;
    float* gradients;
    const int64_t* at;
    const float* w(Parameter p) const { return weights + at[p]; }
    float* g(Parameter p) const { return gradients + at[p]; }
};
} // namespace step
