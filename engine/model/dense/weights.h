// The weights of a dense model, bound to a checkpoint. Matrices point into the mapped files in their stored form;
// vectors are float32 copies. Immutable once bound. Names in comments are those of Hugging Face.
#pragma once

#include "engine/model/dense/config.h"
#include "engine/model/weight_store.h"
#include "engine/ops/experts.h"

#include <stop_token>
#include <vector>

namespace bathy::model::dense {

struct LayerWeights {
    ops::WeightView q;              // q_proj [H D, d]
    ops::WeightView k;              // k_proj [G D, d]
    ops::WeightView v;              // v_proj [G D, d]
    ops::WeightView o;              // o_proj [d, H D]
    std::vector<float> qBias;       // empty where the architecture has none
    std::vector<float> kBias;       //
    std::vector<float> vBias;       //
    std::vector<float> qNorm;       // [D], empty likewise
    std::vector<float> kNorm;       //
    ops::ExpertWeights feedForward; // w1 gate_proj, w2 down_proj, w3 up_proj
};

// Errors: those of WeightStore; Cancelled.
Result<std::vector<LayerWeights>> bindLayers(WeightStore& store, const Config& config, const std::stop_token& stop);

} // namespace bathy::model::dense
