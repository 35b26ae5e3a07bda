#include "engine/model/gguf/config.h"

#include <algorithm>
#include <string>

namespace bathy::model::gguf {
namespace {

using nlohmann::json;

struct IntegerKey {
    const char* name;
    const char* field;
    std::int64_t high;
};

constexpr IntegerKey kIntegers[] = {
    {"attention.key_length", "head_dim", 8192},
    {"rope.dimension_count", "qk_rope_head_dim", 8192},
    {"attention.q_lora_rank", "q_lora_rank", 1 << 17},
    {"attention.output_lora_rank", "o_lora_rank", 1 << 17},
    {"attention.output_group_count", "o_groups", 4096},
    {"attention.sliding_window", "sliding_window", 1 << 20},
    {"attention.indexer.head_count", "index_n_heads", 4096},
    {"attention.indexer.key_length", "index_head_dim", 8192},
    {"attention.indexer.top_k", "index_topk", 1 << 20},
    {"expert_count", "n_routed_experts", 2048},
    {"expert_used_count", "num_experts_per_tok", 2048},
    {"expert_shared_count", "n_shared_experts", 64},
    {"expert_feed_forward_length", "moe_intermediate_size", 1 << 17},
    {"hyper_connection.count", "hc_mult", 16},
    {"hyper_connection.sinkhorn_iterations", "hc_sinkhorn_iters", 1000},
};

Error unsupported(const KeyReader& reader, std::string_view name, const std::string& what) {
    return Error(ErrorCode::Unsupported, reader.metadata().fileName() + ": " + reader.key(name) + " " + what);
}

// The clamp is stored for each layer, and again for the shared expert; the family has one.
Result<double> clampOf(const KeyReader& reader, std::size_t layers) {
    std::optional<double> clamp;
    for (const auto* name : {"swiglu_clamp_exp", "swiglu_clamp_shexp"}) {
        if (!reader.has(name))
            continue;
        const auto* value = reader.metadata().find(reader.key(name));
        std::vector<double> all;
        if (value->type == checkpoint::GgufValueType::Array) {
            BATHY_TRY(all, reader.metadata().numbers(reader.key(name), 1e-6, 1e6));
            if (all.size() < layers)
                return reader.bad(name, "has " + std::to_string(all.size()) + " entries for " + std::to_string(layers) +
                                            " layers");
        } else {
            BATHY_TRY(const auto one, reader.number(name, 1e-6, 1e6));
            all.assign(layers, one);
        }
        for (std::size_t i = 0; i < layers; ++i)
            if (std::exchange(clamp, all[i]).value_or(all[i]) != all[i])
                return unsupported(reader, name, "differs between layers or experts, the family has one clamp");
    }
    if (!clamp)
        return reader.bad("swiglu_clamp_exp", "is missing");
    return *clamp;
}

Result<void> checkRouting(const KeyReader& reader) {
    constexpr std::int64_t kSqrtSoftplus = 4;
    BATHY_TRY(const auto gating, reader.integer("expert_gating_func", 0, 255, kSqrtSoftplus));
    if (gating != kSqrtSoftplus)
        return unsupported(reader, "expert_gating_func", "is " + std::to_string(gating) + ", the family has 4 only");
    BATHY_TRY(const auto norm, reader.metadata().boolean(reader.key("expert_weights_norm"), true));
    if (!norm)
        return unsupported(reader, "expert_weights_norm", "is false, the router always normalises");
    BATHY_TRY(const auto groups, reader.integer("expert_group_count", 0, 65'536, 1));
    if (groups > 1)
        return unsupported(reader, "expert_group_count", "is " + std::to_string(groups) + ", the family has no groups");
    return {};
}

} // namespace

Result<json> deepseek4Config(const KeyReader& reader) {
    BATHY_TRY(auto config, sharedConfig(reader));
    config["model_type"] = "deepseek_v4";
    config["architectures"] = {"DeepseekV4ForCausalLM"};
    config["scoring_func"] = "sqrtsoftplus";
    config["topk_method"] = "noaux_tc";
    config["norm_topk_prob"] = true;
    for (const auto& key : kIntegers) {
        BATHY_TRY(config[key.field], reader.integer(key.name, 1, key.high));
    }
    if (config["num_experts_per_tok"] > config["n_routed_experts"])
        return reader.bad("expert_used_count", "is larger than expert_count");
    BATHY_CHECK(checkRouting(reader));
    const auto layers = config["num_hidden_layers"].get<std::size_t>();
    BATHY_TRY(const auto ratios,
              reader.metadata().integerPerLayer(reader.key("attention.compress_ratios"), layers, 0, 1 << 16));
    config["compress_ratios"] = ratios;
    BATHY_TRY(config["num_hash_layers"], reader.integer("hash_layer_count", 0, 256));
    BATHY_TRY(config["compress_rope_theta"], reader.number("attention.compress_rope_freq_base", 1.0, 1e12));
    BATHY_TRY(config["routed_scaling_factor"], reader.number("expert_weights_scale", 1e-6, 1e6, 1.0));
    BATHY_TRY(config["hc_eps"], reader.number("hyper_connection.epsilon", 1e-30, 1.0));
    BATHY_TRY(config["swiglu_limit"], clampOf(reader, layers));
    BATHY_TRY(auto yarn, yarnScaling(reader));
    if (!yarn.is_null())
        config["rope_scaling"] = std::move(yarn);
    return config;
}

} // namespace bathy::model::gguf
