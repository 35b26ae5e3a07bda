#include "engine/model/deepseek_v3/weights.h"

#include <string>

namespace bathy::model::deepseek_v3 {
namespace {

class Binder {
public:
    Binder(WeightStore& store, const Config& config, bool split) : m_store(store), m_config(config), m_split(split) {}

    Result<LayerWeights> layer(int index) {
        const auto prefix = "model.layers." + std::to_string(index) + ".";
        LayerWeights w;
        BATHY_TRY(w.attention, attention(prefix + "self_attn."));
        if (m_config.indexer) {
            BATHY_TRY(w.indexer, indexer(prefix + "self_attn.indexer."));
        }
        if (m_config.hasExperts(index)) {
            BATHY_TRY(w.moe, moe(prefix + "mlp."));
        } else {
            BATHY_TRY(w.feedForward, feedForward(prefix + "mlp.", m_config.denseWidth, Use::EveryToken));
        }
        return w;
    }

private:
    Result<AttentionWeights> attention(const std::string& prefix) {
        const auto& c = m_config;
        AttentionWeights w;
        if (c.qLoraRank == 0) {
            BATHY_TRY(w.q, m_store.matrix(prefix + "q_proj.weight", c.queryWidth(), c.hiddenSize));
        } else {
            BATHY_TRY(w.qA, m_store.matrix(prefix + "q_a_proj.weight", c.qLoraRank, c.hiddenSize));
            BATHY_TRY(w.qNorm, m_store.vector(prefix + "q_a_layernorm.weight", c.qLoraRank));
            BATHY_TRY(w.qB, m_store.matrix(prefix + "q_b_proj.weight", c.queryWidth(), c.qLoraRank));
        }
        BATHY_TRY(w.kvA, m_store.matrix(prefix + "kv_a_proj_with_mqa.weight", c.latentDim(), c.hiddenSize));
        BATHY_TRY(w.kvNorm, m_store.vector(prefix + "kv_a_layernorm.weight", c.kvLoraRank));
        w.split = m_split;
        if (m_split) {
            const auto rows = std::int64_t{c.headCount} * c.kvLoraRank;
            BATHY_TRY(w.keyUp, m_store.matrix(prefix + "k_b_proj.weight", rows, c.nopeDim));
            BATHY_TRY(w.valueUp, m_store.matrix(prefix + "v_b_proj.weight", c.outputWidth(), c.kvLoraRank));
        } else {
            const auto rows = std::int64_t{c.headCount} * c.keyValueDim();
            BATHY_TRY(w.kvB, m_store.matrix(prefix + "kv_b_proj.weight", rows, c.kvLoraRank));
        }
        BATHY_TRY(w.o, m_store.matrix(prefix + "o_proj.weight", c.hiddenSize, c.outputWidth()));
        return w;
    }

    Result<IndexerWeights> indexer(const std::string& prefix) {
        const auto& c = m_config;
        const auto& i = *c.indexer;
        IndexerWeights w;
        BATHY_TRY(w.q, m_store.matrix(prefix + "wq_b.weight", std::int64_t{i.heads} * i.headDim, c.qLoraRank));
        BATHY_TRY(w.k, m_store.matrix(prefix + "wk.weight", i.headDim, c.hiddenSize));
        BATHY_TRY(w.kNorm, m_store.vector(prefix + "k_norm.weight", i.headDim));
        BATHY_TRY(w.kNormBias, m_store.vector(prefix + "k_norm.bias", i.headDim));
        BATHY_TRY(w.headWeights, m_store.matrix(prefix + "weights_proj.weight", i.heads, c.hiddenSize));
        return w;
    }

    Result<MoeWeights> moe(const std::string& prefix) {
        const auto& c = m_config;
        MoeWeights w;
        BATHY_TRY(w.gate, m_store.matrix(prefix + "gate.weight", c.router.experts, c.hiddenSize));
        if (c.router.bias) {
            BATHY_TRY(w.bias, m_store.vector(prefix + "gate.e_score_correction_bias", c.router.experts));
        }
        for (int e = 0; e < c.router.experts; ++e) {
            BATHY_TRY(const auto expert,
                      feedForward(prefix + "experts." + std::to_string(e) + ".", c.expertWidth, Use::SomeTokens));
            w.experts.push_back(expert);
        }
        if (c.sharedExperts > 0) {
            BATHY_TRY(w.shared, feedForward(prefix + "shared_experts.", c.sharedWidth(), Use::EveryToken));
        }
        return w;
    }

    Result<ops::ExpertWeights> feedForward(const std::string& prefix, std::int64_t width, Use use) {
        ops::ExpertWeights w;
        BATHY_TRY(w.w1, m_store.matrix(prefix + "gate_proj.weight", width, m_config.hiddenSize, use));
        BATHY_TRY(w.w2, m_store.matrix(prefix + "down_proj.weight", m_config.hiddenSize, width, use));
        BATHY_TRY(w.w3, m_store.matrix(prefix + "up_proj.weight", width, m_config.hiddenSize, use));
        return w;
    }

    WeightStore& m_store;
    const Config& m_config;
    bool m_split;
};

} // namespace

Result<std::vector<LayerWeights>> bindLayers(WeightStore& store, const Config& config, bool splitKeyValue,
                                             const std::stop_token& stop) {
    Binder binder(store, config, splitKeyValue);
    std::vector<LayerWeights> layers;
    for (int l = 0; l < config.layerCount; ++l) {
        if (stop.stop_requested())
            return cancelled();
        BATHY_TRY(auto layer, binder.layer(l));
        layers.push_back(std::move(layer));
    }
    return layers;
}

} // namespace bathy::model::deepseek_v3
