#include "engine/model/deepseek_v4/bind.h"

#include <algorithm>
#include <string>

namespace bathy::model::deepseek_v4 {
namespace {

class Binder {
public:
    Binder(WeightStore& store, const Config& config, const std::stop_token& stop)
        : m_store(store), m_config(config), m_stop(stop) {}

    Result<Weights> all() {
        Weights w;
        for (std::size_t l = 0; l < m_config.layers.size(); ++l) {
            if (m_stop.stop_requested())
                return cancelled();
            BATHY_TRY(auto layerWeights, layer("layers." + std::to_string(l) + ".", m_config.layers[l]));
            w.layers.push_back(std::move(layerWeights));
        }
        BATHY_TRY(w.hcHead, hyper("hc_head_", m_config.hcMult, 1));
        BATHY_TRY(w.norm, m_store.vector("norm.weight", m_config.hiddenSize));
        BATHY_TRY(w.head, m_store.matrix("head.weight", m_config.vocabSize, m_config.hiddenSize));
        // A prompt needs few of its rows: its turn comes last.
        BATHY_TRY(w.embed, m_store.matrix("embed.weight", m_config.vocabSize, m_config.hiddenSize, Use::SomeTokens));
        return w;
    }

    Result<DraftWeights> draft(const std::string& prefix) {
        const auto d = m_config.hiddenSize;
        DraftWeights w;
        BATHY_TRY(w.eProj, m_store.matrix(prefix + "e_proj.weight", d, d));
        BATHY_TRY(w.hProj, m_store.matrix(prefix + "h_proj.weight", d, d));
        BATHY_TRY(w.eNorm, m_store.vector(prefix + "enorm.weight", d));
        BATHY_TRY(w.hNorm, m_store.vector(prefix + "hnorm.weight", d));
        BATHY_TRY(w.block, layer(prefix, Config::draftLayer()));
        BATHY_TRY(w.hcHead, hyper(prefix + "hc_head_", m_config.hcMult, 1));
        BATHY_TRY(w.norm, m_store.vector(prefix + "norm.weight", d));
        return w;
    }

private:
    Result<LayerWeights> layer(const std::string& prefix, const LayerConfig& kind) {
        LayerWeights w;
        w.config = kind;
        BATHY_TRY(w.hcAttention, hyper(prefix + "hc_attn_", m_config.mixWidth(), 3));
        BATHY_TRY(w.hcFfn, hyper(prefix + "hc_ffn_", m_config.mixWidth(), 3));
        BATHY_TRY(w.attentionNorm, m_store.vector(prefix + "attn_norm.weight", m_config.hiddenSize));
        BATHY_TRY(w.ffnNorm, m_store.vector(prefix + "ffn_norm.weight", m_config.hiddenSize));
        BATHY_TRY(w.attention, attention(prefix + "attn.", kind));
        BATHY_TRY(w.moe, moe(prefix + "ffn.", kind));
        return w;
    }

    Result<HyperWeights> hyper(const std::string& prefix, std::int64_t rows, std::int64_t scales) {
        HyperWeights w;
        BATHY_TRY(w.fn, m_store.matrix(prefix + "fn", rows, m_config.streamWidth()));
        BATHY_TRY(w.base, m_store.vector(prefix + "base", rows));
        BATHY_TRY(w.scale, m_store.vector(prefix + "scale", scales));
        return w;
    }

    Result<AttentionWeights> attention(const std::string& prefix, const LayerConfig& kind) {
        const auto& c = m_config;
        AttentionWeights w;
        BATHY_TRY(w.wqA, m_store.matrix(prefix + "wq_a.weight", c.qLoraRank, c.hiddenSize));
        BATHY_TRY(w.wqB, m_store.matrix(prefix + "wq_b.weight", c.queryWidth(), c.qLoraRank));
        BATHY_TRY(w.wkv, m_store.matrix(prefix + "wkv.weight", c.headDim, c.hiddenSize));
        BATHY_TRY(w.woA, m_store.matrix(prefix + "wo_a.weight", c.outputMidWidth(), c.groupWidth()));
        BATHY_TRY(w.woB, m_store.matrix(prefix + "wo_b.weight", c.hiddenSize, c.outputMidWidth()));
        BATHY_TRY(w.qNorm, m_store.vector(prefix + "q_norm.weight", c.qLoraRank));
        BATHY_TRY(w.kvNorm, m_store.vector(prefix + "kv_norm.weight", c.headDim));
        BATHY_TRY(w.sink, m_store.vector(prefix + "attn_sink", c.headCount));
        if (kind.compressed()) {
            BATHY_TRY(w.compressor, compressor(prefix + "compressor.", kind, c.headDim));
        }
        if (kind.attention == AttentionKind::CompressedSparse) {
            BATHY_TRY(w.indexer, indexer(prefix + "indexer.", kind));
        }
        return w;
    }

    Result<CompressorWeights> compressor(const std::string& prefix, const LayerConfig& kind, std::int64_t width) {
        const auto projected = kind.compressorParts() * width;
        CompressorWeights w;
        w.ratio = kind.ratio;
        w.width = width;
        w.overlap = kind.overlapping();
        BATHY_TRY(w.wkv, m_store.matrix(prefix + "wkv.weight", projected, m_config.hiddenSize));
        BATHY_TRY(w.wgate, m_store.matrix(prefix + "wgate.weight", projected, m_config.hiddenSize));
        BATHY_TRY(w.ape, m_store.vector(prefix + "ape", kind.ratio * projected));
        BATHY_TRY(w.norm, m_store.vector(prefix + "norm.weight", width));
        return w;
    }

    Result<IndexerWeights> indexer(const std::string& prefix, const LayerConfig& kind) {
        const auto& c = m_config;
        IndexerWeights w;
        BATHY_TRY(w.wqB, m_store.matrix(prefix + "wq_b.weight", c.indexHeads * c.indexHeadDim, c.qLoraRank));
        BATHY_TRY(w.weightsProj, m_store.matrix(prefix + "weights_proj.weight", c.indexHeads, c.hiddenSize));
        BATHY_TRY(w.compressor, compressor(prefix + "compressor.", kind, c.indexHeadDim));
        return w;
    }

    Result<MoeWeights> moe(const std::string& prefix, const LayerConfig& kind) {
        const auto& c = m_config;
        MoeWeights w;
        BATHY_TRY(w.gate, m_store.matrix(prefix + "gate.weight", c.routedExperts, c.hiddenSize));
        if (kind.router == RouterKind::Hash) {
            BATHY_TRY(w.hashExperts, hashExperts(prefix + "gate.tid2eid"));
        } else {
            BATHY_TRY(w.bias, m_store.vector(prefix + "gate.bias", c.routedExperts));
        }
        for (int e = 0; e < c.routedExperts; ++e) {
            BATHY_TRY(const auto routed,
                      expert(prefix + "experts." + std::to_string(e) + ".", c.expertWidth, Use::SomeTokens));
            w.experts.push_back(routed);
        }
        if (c.sharedExperts > 0) {
            BATHY_TRY(w.shared, expert(prefix + "shared_experts.", c.sharedExperts * c.expertWidth, Use::EveryToken));
        }
        return w;
    }

    Result<ops::ExpertWeights> expert(const std::string& prefix, std::int64_t width, Use use) {
        ops::ExpertWeights w;
        BATHY_TRY(w.w1, m_store.matrix(prefix + "w1.weight", width, m_config.hiddenSize, use));
        BATHY_TRY(w.w2, m_store.matrix(prefix + "w2.weight", m_config.hiddenSize, width, use));
        BATHY_TRY(w.w3, m_store.matrix(prefix + "w3.weight", width, m_config.hiddenSize, use));
        return w;
    }

    Result<std::vector<std::int32_t>> hashExperts(const std::string& name) {
        const auto picks = m_config.expertsPerToken;
        BATHY_TRY(auto table, m_store.table(name, m_config.vocabSize, picks, m_config.routedExperts));
        for (int t = 0; t < m_config.vocabSize; ++t) {
            std::vector<std::int32_t> row(table.begin() + std::ptrdiff_t{t} * picks,
                                          table.begin() + (std::ptrdiff_t{t} + 1) * picks);
            std::sort(row.begin(), row.end());
            if (std::adjacent_find(row.begin(), row.end()) != row.end())
                return Error(ErrorCode::BadFile,
                             "tensor " + name + " names an expert twice for token " + std::to_string(t));
        }
        return table;
    }

    WeightStore& m_store;
    const Config& m_config;
    const std::stop_token& m_stop;
};

} // namespace

Result<Weights> bindWeights(WeightStore& store, const Config& config, const std::stop_token& stop) {
    return Binder(store, config, stop).all();
}

Result<DraftWeights> bindDraft(WeightStore& store, const Config& config, const std::stop_token& stop) {
    return Binder(store, config, stop).draft("mtp.0.");
}

} // namespace bathy::model::deepseek_v4
