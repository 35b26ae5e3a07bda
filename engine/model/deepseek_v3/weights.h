// The weights of a model of the DeepSeek-V3 family, bound to a checkpoint. Matrices point into the mapped files in
// their stored form; vectors are float32 copies. Immutable once bound. Names in comments are those of Hugging Face.
#pragma once

#include "engine/model/deepseek_v3/config.h"
#include "engine/model/weight_store.h"
#include "engine/ops/experts.h"

#include <optional>
#include <stop_token>
#include <vector>

namespace bathy::model::deepseek_v3 {

// self_attn (spec section 3).
struct AttentionWeights {
    ops::WeightView q;         // q_proj [H (N + P), d]; only without a low-rank query
    ops::WeightView qA;        // q_a_proj [qLoraRank, d]
    ops::WeightView qB;        // q_b_proj [H (N + P), qLoraRank]
    std::vector<float> qNorm;  // q_a_layernorm
    ops::WeightView kvA;       // kv_a_proj_with_mqa [R + P, d]
    std::vector<float> kvNorm; // kv_a_layernorm
    ops::WeightView kvB;       // kv_b_proj [H (N + V), R]; W_UK and W_UV head by head
    bool split = false;        // instead of it: the two that follow
    ops::WeightView keyUp;     // k_b_proj [H R, N], W_UK transposed
    ops::WeightView valueUp;   // v_b_proj [H V, R], W_UV
    ops::WeightView o;         // o_proj [d, H V]
};

// self_attn.indexer (spec section 8).
struct IndexerWeights {
    ops::WeightView q;        // wq_b [heads * headDim, qLoraRank]
    ops::WeightView k;        // wk [headDim, d]
    std::vector<float> kNorm; // k_norm, a layer norm
    std::vector<float> kNormBias;
    ops::WeightView headWeights; // weights_proj [heads, d]
};

// mlp of a layer with experts (spec section 5).
struct MoeWeights {
    ops::WeightView gate;    // [E, d]
    std::vector<float> bias; // e_score_correction_bias [E]; empty for V2
    std::vector<ops::ExpertWeights> experts;
    std::optional<ops::ExpertWeights> shared;
};

struct LayerWeights {
    AttentionWeights attention;
    std::optional<IndexerWeights> indexer;
    std::optional<MoeWeights> moe;                 // or
    std::optional<ops::ExpertWeights> feedForward; // w1 gate_proj, w2 down_proj, w3 up_proj
};

// Errors: those of WeightStore; Cancelled.
Result<std::vector<LayerWeights>> bindLayers(WeightStore& store, const Config& config, bool splitKeyValue,
                                             const std::stop_token& stop);

} // namespace bathy::model::deepseek_v3
