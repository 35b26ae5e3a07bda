#include "engine/model/deepseek_v4/tensor_spec.h"

#include "engine/model/gguf/names.h"

namespace bathy::model::deepseek_v4 {
namespace {

using Visit = std::function<void(const TensorSpec&)>;

// Emits the tensors of one block under a prefix such as "layers.3." or "mtp.0.".
class BlockVisitor {
public:
    BlockVisitor(const Config& config, const Visit& visit, std::string prefix)
        : m_config(config), m_visit(visit), m_prefix(std::move(prefix)) {}

    void block(const LayerConfig& layer);
    // A projection that the published files keep in FP8 blocks.
    void dense(const char* name, std::int64_t rows, std::int64_t cols, Component component) {
        emit(name, {rows, cols}, TensorRole::Matrix, component, StoredAs::Fp8Blocks);
    }
    void bf16Matrix(const std::string& name, std::int64_t rows, std::int64_t cols, Component component) {
        emit(name, {rows, cols}, TensorRole::Matrix, component, StoredAs::BF16);
    }
    void norm(const std::string& name, std::int64_t width, Component component) {
        emit(name, {width}, TensorRole::Plain, component, StoredAs::BF16);
    }
    void floats(const std::string& name, std::vector<std::int64_t> shape, Component component) {
        emit(name, std::move(shape), TensorRole::Plain, component, StoredAs::F32);
    }
    void hcHead() {
        floats("hc_head_fn", {m_config.hcMult, m_config.streamWidth()}, Component::FinalNorm);
        floats("hc_head_base", {m_config.hcMult}, Component::FinalNorm);
        floats("hc_head_scale", {1}, Component::FinalNorm);
    }

private:
    void attention();
    void compressor(const std::string& path, int ratio, int parts, int width, Component component);
    void indexer(const LayerConfig& layer);
    void hyperConnections(const std::string& name);
    void moe(const LayerConfig& layer);
    void feedForward(const std::string& path, int width, Component component, StoredAs published);
    void emit(const std::string& name, std::vector<std::int64_t> shape, TensorRole role, Component component,
              StoredAs published) {
        m_visit({m_prefix + name, std::move(shape), role, component, published});
    }

    const Config& m_config;
    const Visit& m_visit;
    std::string m_prefix;
};

void BlockVisitor::attention() {
    const auto& c = m_config;
    const auto kind = Component::Attention;
    dense("attn.wq_a.weight", c.qLoraRank, c.hiddenSize, kind);
    norm("attn.q_norm.weight", c.qLoraRank, kind);
    dense("attn.wq_b.weight", c.queryWidth(), c.qLoraRank, kind);
    dense("attn.wkv.weight", c.headDim, c.hiddenSize, kind);
    norm("attn.kv_norm.weight", c.headDim, kind);
    floats("attn.attn_sink", {c.headCount}, kind);
    dense("attn.wo_a.weight", c.outputMidWidth(), c.groupWidth(), kind);
    dense("attn.wo_b.weight", c.hiddenSize, c.outputMidWidth(), kind);
}

void BlockVisitor::compressor(const std::string& path, int ratio, int parts, int width, Component component) {
    const std::int64_t rows = std::int64_t{parts} * width;
    bf16Matrix(path + ".wkv.weight", rows, m_config.hiddenSize, component);
    bf16Matrix(path + ".wgate.weight", rows, m_config.hiddenSize, component);
    floats(path + ".ape", {ratio, rows}, component);
    norm(path + ".norm.weight", width, component);
}

void BlockVisitor::indexer(const LayerConfig& layer) {
    const auto& c = m_config;
    dense("attn.indexer.wq_b.weight", std::int64_t{c.indexHeads} * c.indexHeadDim, c.qLoraRank, Component::Indexer);
    bf16Matrix("attn.indexer.weights_proj.weight", c.indexHeads, c.hiddenSize, Component::Indexer);
    compressor("attn.indexer.compressor", layer.ratio, layer.compressorParts(), c.indexHeadDim, Component::Indexer);
}

void BlockVisitor::hyperConnections(const std::string& name) {
    floats(name + "_fn", {m_config.mixWidth(), m_config.streamWidth()}, Component::HyperConnections);
    floats(name + "_base", {m_config.mixWidth()}, Component::HyperConnections);
    floats(name + "_scale", {3}, Component::HyperConnections);
}

void BlockVisitor::feedForward(const std::string& path, int width, Component component, StoredAs published) {
    const std::int64_t hidden = m_config.hiddenSize;
    emit(path + ".w1.weight", {width, hidden}, TensorRole::Matrix, component, published);
    emit(path + ".w2.weight", {hidden, width}, TensorRole::Matrix, component, published);
    emit(path + ".w3.weight", {width, hidden}, TensorRole::Matrix, component, published);
}

void BlockVisitor::moe(const LayerConfig& layer) {
    const auto& c = m_config;
    bf16Matrix("ffn.gate.weight", c.routedExperts, c.hiddenSize, Component::Router);
    if (layer.router == RouterKind::Hash)
        emit("ffn.gate.tid2eid", {c.vocabSize, c.expertsPerToken}, TensorRole::Table, Component::Router, StoredAs::I64);
    else
        floats("ffn.gate.bias", {c.routedExperts}, Component::Router);
    for (int e = 0; e < c.routedExperts; ++e)
        feedForward("ffn.experts." + std::to_string(e), c.expertWidth, Component::RoutedExperts, StoredAs::Fp4);
    feedForward("ffn.shared_experts", c.sharedExperts * c.expertWidth, Component::SharedExperts, StoredAs::Fp8Blocks);
}

void BlockVisitor::block(const LayerConfig& layer) {
    norm("attn_norm.weight", m_config.hiddenSize, Component::Norms);
    norm("ffn_norm.weight", m_config.hiddenSize, Component::Norms);
    hyperConnections("hc_attn");
    hyperConnections("hc_ffn");
    attention();
    if (layer.compressed())
        compressor("attn.compressor", layer.ratio, layer.compressorParts(), m_config.headDim, Component::Compressor);
    if (layer.attention == AttentionKind::CompressedSparse)
        indexer(layer);
    moe(layer);
}

void visitMtpStage(const Config& c, const Visit& visit, const std::string& prefix) {
    BlockVisitor stage(c, visit, prefix);
    stage.block(Config::draftLayer());
    stage.dense("e_proj.weight", c.hiddenSize, c.hiddenSize, Component::FinalNorm);
    stage.dense("h_proj.weight", c.hiddenSize, c.hiddenSize, Component::FinalNorm);
    stage.norm("enorm.weight", c.hiddenSize, Component::FinalNorm);
    stage.norm("hnorm.weight", c.hiddenSize, Component::FinalNorm);
    stage.norm("norm.weight", c.hiddenSize, Component::FinalNorm);
    stage.hcHead();
}

void visitDsparkStage(const Config& c, const Visit& visit, const std::string& prefix, bool first, bool last) {
    if (!c.dspark)
        return;
    BlockVisitor stage(c, visit, prefix);
    stage.block(Config::draftLayer());
    if (first) {
        const auto captured = static_cast<std::int64_t>(c.dspark->targetLayers.size()) * c.hiddenSize;
        stage.dense("main_proj.weight", c.hiddenSize, captured, Component::FinalNorm);
        stage.norm("main_norm.weight", c.hiddenSize, Component::FinalNorm);
    }
    if (last) {
        stage.norm("norm.weight", c.hiddenSize, Component::FinalNorm);
        stage.hcHead();
        stage.bf16Matrix("markov_head.markov_w1.weight", c.vocabSize, c.dspark->markovRank, Component::Head);
        stage.bf16Matrix("markov_head.markov_w2.weight", c.vocabSize, c.dspark->markovRank, Component::Head);
        stage.bf16Matrix("confidence_head.proj.weight", 1, c.hiddenSize + c.dspark->markovRank, Component::Head);
    }
}

} // namespace

void visitMainTensors(const Config& config, const Visit& visit) {
    BlockVisitor top(config, visit, "");
    top.bf16Matrix("embed.weight", config.vocabSize, config.hiddenSize, Component::Embedding);
    for (int i = 0; i < config.layerCount(); ++i)
        BlockVisitor(config, visit, "layers." + std::to_string(i) + ".")
            .block(config.layers[static_cast<std::size_t>(i)]);
    top.norm("norm.weight", config.hiddenSize, Component::FinalNorm);
    top.hcHead();
    top.bf16Matrix("head.weight", config.vocabSize, config.hiddenSize, Component::Head);
}

void visitDraftTensors(const Config& config, DraftStages draft, const Visit& visit) {
    for (int s = 0; s < draft.count; ++s) {
        const auto prefix = "mtp." + std::to_string(s) + ".";
        if (draft.kind == DraftKind::Mtp)
            visitMtpStage(config, visit, prefix);
        else if (draft.kind == DraftKind::Dspark)
            visitDsparkStage(config, visit, prefix, s == 0, s == draft.count - 1);
    }
}

DraftStages findDraftStages(const checkpoint::Checkpoint& checkpoint) {
    DraftStages draft;
    if (checkpoint.indexOf("mtp.0.e_proj.weight"))
        draft.kind = DraftKind::Mtp;
    else if (checkpoint.indexOf("mtp.0.main_proj.weight"))
        draft.kind = DraftKind::Dspark;
    else
        return draft;
    constexpr int kMaxStages = 64;
    while (draft.count < kMaxStages && checkpoint.indexOf("mtp." + std::to_string(draft.count) + ".attn.wq_a.weight"))
        ++draft.count;
    return draft.count ? draft : DraftStages{};
}

namespace {

// Draft modules may carry copies of the embedding and the head; rotary tables are recomputed.
bool isKnownExtra(std::string_view name) {
    const bool draft = name.starts_with("mtp.");
    return name.find("rotary_emb.inv_freq") != std::string_view::npos ||
           (draft && (name.find("emb") != std::string_view::npos || name.ends_with("head.weight")));
}

} // namespace

SpecReport compareTensors(const checkpoint::Checkpoint& checkpoint, const Config& config, DraftStages draft) {
    const auto visit = [&](const Visit& visitor) {
        visitMainTensors(config, visitor);
        visitDraftTensors(config, draft, visitor);
    };
    const auto isExtra = [&](std::string_view name) {
        return isKnownExtra(name) || gguf::isDraftOrSide(name, config.layerCount());
    };
    auto report = model::compareTensors(checkpoint, visit, config.quant, isExtra);
    if (draft.kind == DraftKind::Dspark && !config.dspark)
        report.add("config.json: dspark_block_size is missing, but the files hold DSpark draft stages");
    return report;
}

} // namespace bathy::model::deepseek_v4
