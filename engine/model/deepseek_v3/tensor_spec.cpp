#include "engine/model/deepseek_v3/tensor_spec.h"

#include <charconv>
#include <string>

namespace bathy::model::deepseek_v3 {
namespace {

constexpr std::string_view kLayers = "model.layers.";
constexpr std::string_view kScaleInverse = ".weight_scale_inv";

class LayerVisitor {
public:
    LayerVisitor(const Config& config, bool splitKeyValue, const TensorVisitor& visit, std::string prefix)
        : m_config(config), m_split(splitKeyValue), m_visit(visit), m_prefix(std::move(prefix)) {}

    void layer(int index) {
        plain("input_layernorm.weight", m_config.hiddenSize, Component::Norms, StoredAs::BF16);
        attention();
        if (m_config.indexer)
            indexer(*m_config.indexer);
        plain("post_attention_layernorm.weight", m_config.hiddenSize, Component::Norms, StoredAs::BF16);
        if (m_config.hasExperts(index))
            experts();
        else
            feedForward("mlp.", m_config.denseWidth, Component::FeedForward);
    }

    // What joins the main model's output with the embedding of the token that follows (spec section 6).
    void draftFrame() {
        const auto& c = m_config;
        const auto norm = [&](const char* name) { plain(name, c.hiddenSize, Component::FinalNorm, StoredAs::BF16); };
        const auto half = [&](const char* name, std::int64_t rows, std::int64_t cols, Component component) {
            emit(name, {rows, cols}, TensorRole::Matrix, component, StoredAs::BF16);
        };
        half("embed_tokens.weight", c.vocabSize, c.hiddenSize, Component::Embedding);
        norm("enorm.weight");
        norm("hnorm.weight");
        half("eh_proj.weight", c.hiddenSize, 2 * std::int64_t{c.hiddenSize}, Component::FinalNorm);
        norm("shared_head.norm.weight");
        half("shared_head.head.weight", c.vocabSize, c.hiddenSize, Component::Head);
    }

private:
    void attention() {
        const auto& c = m_config;
        const auto kind = Component::Attention;
        if (c.qLoraRank == 0) {
            matrix("self_attn.q_proj.weight", c.queryWidth(), c.hiddenSize, kind);
        } else {
            matrix("self_attn.q_a_proj.weight", c.qLoraRank, c.hiddenSize, kind);
            plain("self_attn.q_a_layernorm.weight", c.qLoraRank, kind, StoredAs::BF16);
            matrix("self_attn.q_b_proj.weight", c.queryWidth(), c.qLoraRank, kind);
        }
        matrix("self_attn.kv_a_proj_with_mqa.weight", c.latentDim(), c.hiddenSize, kind);
        plain("self_attn.kv_a_layernorm.weight", c.kvLoraRank, kind, StoredAs::BF16);
        if (m_split) {
            matrix("self_attn.k_b_proj.weight", std::int64_t{c.headCount} * c.kvLoraRank, c.nopeDim, kind);
            matrix("self_attn.v_b_proj.weight", c.outputWidth(), c.kvLoraRank, kind);
        } else {
            matrix("self_attn.kv_b_proj.weight", std::int64_t{c.headCount} * c.keyValueDim(), c.kvLoraRank, kind);
        }
        matrix("self_attn.o_proj.weight", c.hiddenSize, c.outputWidth(), kind);
    }

    void indexer(const IndexerConfig& i) {
        const auto kind = Component::Indexer;
        matrix("self_attn.indexer.wq_b.weight", std::int64_t{i.heads} * i.headDim, m_config.qLoraRank, kind);
        matrix("self_attn.indexer.wk.weight", i.headDim, m_config.hiddenSize, kind);
        plain("self_attn.indexer.k_norm.weight", i.headDim, kind, StoredAs::F32);
        plain("self_attn.indexer.k_norm.bias", i.headDim, kind, StoredAs::F32);
        emit("self_attn.indexer.weights_proj.weight", {i.heads, m_config.hiddenSize}, TensorRole::Matrix, kind,
             StoredAs::BF16);
    }

    void experts() {
        const auto& c = m_config;
        emit("mlp.gate.weight", {c.router.experts, c.hiddenSize}, TensorRole::Matrix, Component::Router,
             StoredAs::BF16);
        if (c.router.bias)
            plain("mlp.gate.e_score_correction_bias", c.router.experts, Component::Router, StoredAs::F32);
        for (int e = 0; e < c.router.experts; ++e)
            feedForward("mlp.experts." + std::to_string(e) + ".", c.expertWidth, Component::RoutedExperts);
        if (c.sharedExperts > 0)
            feedForward("mlp.shared_experts.", c.sharedWidth(), Component::SharedExperts);
    }

    void feedForward(const std::string& path, std::int64_t width, Component component) {
        matrix(path + "gate_proj.weight", width, m_config.hiddenSize, component);
        matrix(path + "up_proj.weight", width, m_config.hiddenSize, component);
        matrix(path + "down_proj.weight", m_config.hiddenSize, width, component);
    }

    void matrix(const std::string& name, std::int64_t rows, std::int64_t cols, Component component) {
        emit(name, {rows, cols}, TensorRole::Matrix, component, StoredAs::Fp8Blocks);
    }
    void plain(const std::string& name, std::int64_t width, Component component, StoredAs published) {
        emit(name, {width}, TensorRole::Plain, component, published);
    }
    void emit(const std::string& name, std::vector<std::int64_t> shape, TensorRole role, Component component,
              StoredAs published) {
        m_visit({m_prefix + name, std::move(shape), role, component, published});
    }

    const Config& m_config;
    bool m_split;
    const TensorVisitor& m_visit;
    std::string m_prefix;
};

} // namespace

void visitTensors(const Config& config, bool splitKeyValue, const TensorVisitor& visit) {
    const std::int64_t vocab = config.vocabSize;
    const std::int64_t hidden = config.hiddenSize;
    visit({"model.embed_tokens.weight", {vocab, hidden}, TensorRole::Matrix, Component::Embedding, StoredAs::BF16});
    for (int i = 0; i < config.layerCount; ++i)
        LayerVisitor(config, splitKeyValue, visit, std::string(kLayers) + std::to_string(i) + ".").layer(i);
    visit({"model.norm.weight", {hidden}, TensorRole::Plain, Component::FinalNorm, StoredAs::BF16});
    visit({"lm_head.weight", {vocab, hidden}, TensorRole::Matrix, Component::Head, StoredAs::BF16});
}

void visitDraftTensors(const Config& config, const TensorVisitor& visit) {
    for (int i = config.layerCount; i < config.layerCount + config.draftLayers; ++i) {
        LayerVisitor layer(config, false, visit, std::string(kLayers) + std::to_string(i) + ".");
        layer.draftFrame();
        layer.layer(i);
    }
}

bool hasSplitKeyValue(const checkpoint::Checkpoint& checkpoint) {
    return checkpoint.indexOf("model.layers.0.self_attn.k_b_proj.weight").has_value() &&
           !checkpoint.indexOf("model.layers.0.self_attn.kv_b_proj.weight");
}

bool isDraftTensor(const Config& config, std::string_view name) {
    if (!name.starts_with(kLayers))
        return false;
    name.remove_prefix(kLayers.size());
    int layer = -1;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), layer);
    const bool isNumber = error == std::errc() && end != name.data() + name.size() && *end == '.';
    return isNumber && layer >= config.layerCount && layer < config.layerCount + config.draftLayers;
}

Result<void> addScaleNames(checkpoint::Checkpoint& checkpoint) {
    for (std::size_t i = 0; i < checkpoint.tensorCount(); ++i) {
        const auto view = checkpoint.tensor(i);
        if (!view.name.ends_with(kScaleInverse))
            continue;
        checkpoint::Alias alias;
        alias.name = std::string(view.name.substr(0, view.name.size() - kScaleInverse.size())) + ".scale";
        alias.tensor = i;
        alias.shape.assign(view.shape.begin(), view.shape.end());
        alias.length = view.bytes.size();
        BATHY_CHECK(checkpoint.addAlias(std::move(alias)));
    }
    return {};
}

} // namespace bathy::model::deepseek_v3
