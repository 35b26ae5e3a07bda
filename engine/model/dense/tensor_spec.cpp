#include "engine/model/dense/tensor_spec.h"

namespace bathy::model::dense {
namespace {

class Emitter {
public:
    Emitter(const TensorVisitor& visit, std::string prefix) : m_visit(visit), m_prefix(std::move(prefix)) {}

    void matrix(const char* name, std::int64_t rows, std::int64_t cols, Component component) {
        m_visit({m_prefix + name, {rows, cols}, TensorRole::Matrix, component, StoredAs::BF16});
    }
    void vector(const char* name, std::int64_t width, Component component) {
        m_visit({m_prefix + name, {width}, TensorRole::Plain, component, StoredAs::BF16});
    }

private:
    const TensorVisitor& m_visit;
    std::string m_prefix;
};

void visitLayer(const Config& c, Emitter tensors) {
    tensors.vector("input_layernorm.weight", c.hiddenSize, Component::Norms);
    tensors.matrix("self_attn.q_proj.weight", c.queryWidth(), c.hiddenSize, Component::Attention);
    tensors.matrix("self_attn.k_proj.weight", c.kvWidth(), c.hiddenSize, Component::Attention);
    tensors.matrix("self_attn.v_proj.weight", c.kvWidth(), c.hiddenSize, Component::Attention);
    if (c.qkvBias) {
        tensors.vector("self_attn.q_proj.bias", c.queryWidth(), Component::Attention);
        tensors.vector("self_attn.k_proj.bias", c.kvWidth(), Component::Attention);
        tensors.vector("self_attn.v_proj.bias", c.kvWidth(), Component::Attention);
    }
    if (c.qkNorm) {
        tensors.vector("self_attn.q_norm.weight", c.headDim, Component::Attention);
        tensors.vector("self_attn.k_norm.weight", c.headDim, Component::Attention);
    }
    tensors.matrix("self_attn.o_proj.weight", c.hiddenSize, c.queryWidth(), Component::Attention);
    tensors.vector("post_attention_layernorm.weight", c.hiddenSize, Component::Norms);
    tensors.matrix("mlp.gate_proj.weight", c.ffnWidth, c.hiddenSize, Component::FeedForward);
    tensors.matrix("mlp.up_proj.weight", c.ffnWidth, c.hiddenSize, Component::FeedForward);
    tensors.matrix("mlp.down_proj.weight", c.hiddenSize, c.ffnWidth, Component::FeedForward);
}

} // namespace

void visitTensors(const Config& config, const TensorVisitor& visit) {
    Emitter top(visit, "");
    top.matrix("model.embed_tokens.weight", config.vocabSize, config.hiddenSize, Component::Embedding);
    for (int i = 0; i < config.layerCount; ++i)
        visitLayer(config, Emitter(visit, "model.layers." + std::to_string(i) + "."));
    top.vector("model.norm.weight", config.hiddenSize, Component::FinalNorm);
    if (!config.tied)
        top.matrix("lm_head.weight", config.vocabSize, config.hiddenSize, Component::Head);
}

} // namespace bathy::model::dense
