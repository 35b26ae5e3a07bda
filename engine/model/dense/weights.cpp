#include "engine/model/dense/weights.h"

#include <string>

namespace bathy::model::dense {
namespace {

Result<LayerWeights> bindLayer(WeightStore& store, const Config& c, const std::string& prefix) {
    const auto attention = prefix + "self_attn.";
    LayerWeights w;
    BATHY_TRY(w.q, store.matrix(attention + "q_proj.weight", c.queryWidth(), c.hiddenSize));
    BATHY_TRY(w.k, store.matrix(attention + "k_proj.weight", c.kvWidth(), c.hiddenSize));
    BATHY_TRY(w.v, store.matrix(attention + "v_proj.weight", c.kvWidth(), c.hiddenSize));
    BATHY_TRY(w.o, store.matrix(attention + "o_proj.weight", c.hiddenSize, c.queryWidth()));
    if (c.qkvBias) {
        BATHY_TRY(w.qBias, store.vector(attention + "q_proj.bias", c.queryWidth()));
        BATHY_TRY(w.kBias, store.vector(attention + "k_proj.bias", c.kvWidth()));
        BATHY_TRY(w.vBias, store.vector(attention + "v_proj.bias", c.kvWidth()));
    }
    if (c.qkNorm) {
        BATHY_TRY(w.qNorm, store.vector(attention + "q_norm.weight", c.headDim));
        BATHY_TRY(w.kNorm, store.vector(attention + "k_norm.weight", c.headDim));
    }
    BATHY_TRY(w.feedForward.w1, store.matrix(prefix + "mlp.gate_proj.weight", c.ffnWidth, c.hiddenSize));
    BATHY_TRY(w.feedForward.w2, store.matrix(prefix + "mlp.down_proj.weight", c.hiddenSize, c.ffnWidth));
    BATHY_TRY(w.feedForward.w3, store.matrix(prefix + "mlp.up_proj.weight", c.ffnWidth, c.hiddenSize));
    return w;
}

} // namespace

Result<std::vector<LayerWeights>> bindLayers(WeightStore& store, const Config& config, const std::stop_token& stop) {
    std::vector<LayerWeights> layers;
    for (int l = 0; l < config.layerCount; ++l) {
        if (stop.stop_requested())
            return cancelled();
        BATHY_TRY(auto layer, bindLayer(store, config, "model.layers." + std::to_string(l) + "."));
        layers.push_back(std::move(layer));
    }
    return layers;
}

} // namespace bathy::model::dense
