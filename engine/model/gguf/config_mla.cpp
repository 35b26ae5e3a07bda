#include "engine/model/gguf/config.h"

namespace bathy::model::gguf {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaxDim = 8192;
constexpr std::int64_t kMaxWidth = 1 << 20;

// Older files give the sizes of the naive form, newer ones those of the absorbed form and the naive ones as *_mla.
Result<void> readHeads(const KeyReader& reader, json& config) {
    BATHY_TRY(const auto rope, reader.integer("rope.dimension_count", 2, kMaxDim));
    if (rope % 2 != 0)
        return reader.bad("rope.dimension_count", "is odd");
    BATHY_TRY(config["kv_lora_rank"], reader.integer("attention.kv_lora_rank", 1, kMaxWidth));
    const auto* keyName = reader.has("attention.key_length_mla") ? "attention.key_length_mla" : "attention.key_length";
    const auto* valueName =
        reader.has("attention.value_length_mla") ? "attention.value_length_mla" : "attention.value_length";
    BATHY_TRY(const auto keyLength, reader.integer(keyName, 1, kMaxDim));
    if (keyLength <= rope)
        return reader.bad(keyName, "is " + std::to_string(keyLength) + ", not above the " + std::to_string(rope) +
                                       " of rope.dimension_count");
    BATHY_TRY(config["v_head_dim"], reader.integer(valueName, 1, kMaxDim));
    config["qk_rope_head_dim"] = rope;
    config["qk_nope_head_dim"] = keyLength - rope;
    config["num_key_value_heads"] = config["num_attention_heads"];
    config["q_lora_rank"] = nullptr;
    if (reader.has("attention.q_lora_rank")) {
        BATHY_TRY(const auto rank, reader.integer("attention.q_lora_rank", 0, kMaxWidth));
        if (rank > 0)
            config["q_lora_rank"] = rank;
    }
    return {};
}

// Files from before groups were stored: what the published models with these counts have.
void guessGroups(bool sigmoid, std::int64_t experts, std::int64_t picks, std::int64_t& groups, std::int64_t& kept) {
    if (sigmoid && experts == 256 && picks == 8) {
        groups = 8;
        kept = 4;
    } else if (!sigmoid && experts == 160 && picks == 6) {
        groups = 8;
        kept = 3;
    }
}

Result<void> readExperts(const KeyReader& reader, json& config) {
    constexpr std::int64_t kSoftmax = 1;
    constexpr std::int64_t kSigmoid = 2;
    BATHY_TRY(const auto gating, reader.integer("expert_gating_func", 0, 255, kSoftmax));
    if (gating != kSoftmax && gating != kSigmoid)
        return Error(ErrorCode::Unsupported, reader.metadata().fileName() + ": " + reader.key("expert_gating_func") +
                                                 " is " + std::to_string(gating) + ", known are 1 and 2");
    const bool sigmoid = gating == kSigmoid;
    BATHY_TRY(const auto experts, reader.integer("expert_count", 1, 65'536));
    BATHY_TRY(const auto picks, reader.integer("expert_used_count", 1, 65'536));
    if (picks > experts)
        return reader.bad("expert_used_count", "is larger than expert_count");
    BATHY_TRY(auto groups, reader.integer("expert_group_count", 0, 65'536, 1));
    BATHY_TRY(auto kept, reader.integer("expert_group_used_count", 0, 65'536, 1));
    if (!reader.has("expert_group_count"))
        guessGroups(sigmoid, experts, picks, groups, kept);
    groups = std::max<std::int64_t>(groups, 1);
    kept = std::max<std::int64_t>(kept, 1);
    if (experts % groups != 0)
        return reader.bad("expert_group_count", "does not divide expert_count");
    if (kept > groups)
        return reader.bad("expert_group_used_count", "is larger than expert_group_count");
    if (picks > kept * (experts / groups))
        return reader.bad("expert_used_count", "is larger than the kept groups hold");
    config["n_routed_experts"] = experts;
    config["num_experts_per_tok"] = picks;
    config["n_group"] = groups;
    config["topk_group"] = kept;
    config["scoring_func"] = sigmoid ? "sigmoid" : "softmax";
    config["topk_method"] = sigmoid ? "noaux_tc" : groups > 1 ? "group_limited_greedy" : "greedy";
    config["moe_layer_freq"] = 1;
    BATHY_TRY(config["n_shared_experts"], reader.integer("expert_shared_count", 0, 64, 0));
    BATHY_TRY(config["moe_intermediate_size"], reader.integer("expert_feed_forward_length", 1, kMaxWidth));
    BATHY_TRY(config["first_k_dense_replace"],
              reader.integer("leading_dense_block_count", 0, config["num_hidden_layers"].get<std::int64_t>(), 0));
    BATHY_TRY(config["routed_scaling_factor"], reader.number("expert_weights_scale", 1e-6, 1e6, 1.0));
    BATHY_TRY(config["norm_topk_prob"], reader.metadata().boolean(reader.key("expert_weights_norm"), false));
    return {};
}

Result<void> readIndexer(const KeyReader& reader, json& config) {
    BATHY_TRY(config["index_n_heads"], reader.integer("attention.indexer.head_count", 1, 4096));
    BATHY_TRY(config["index_head_dim"], reader.integer("attention.indexer.key_length", 2, kMaxDim));
    BATHY_TRY(config["index_topk"], reader.integer("attention.indexer.top_k", 1, 1 << 20));
    return {};
}

} // namespace

Result<json> mlaConfig(const KeyReader& reader) {
    BATHY_TRY(auto config, sharedConfig(reader));
    BATHY_CHECK(readHeads(reader, config));
    BATHY_CHECK(readExperts(reader, config));
    BATHY_TRY(config["intermediate_size"], reader.integer("feed_forward_length", 1, kMaxWidth));
    const bool v32 = reader.architecture() == "deepseek32";
    const bool v3 = config["scoring_func"] == "sigmoid";
    config["model_type"] = v32 ? "deepseek_v32" : v3 ? "deepseek_v3" : "deepseek_v2";
    config["architectures"] = {v32 ? "DeepseekV32ForCausalLM" : v3 ? "DeepseekV3ForCausalLM" : "DeepseekV2ForCausalLM"};
    config["attention_bias"] = false;
    if (v32)
        BATHY_CHECK(readIndexer(reader, config));
    BATHY_TRY(auto yarn, yarnScaling(reader));
    if (!yarn.is_null()) {
        // The file has 0.1 mscale_all_dim; mscale is the same in every published model.
        BATHY_TRY(const auto log, reader.number("rope.scaling.yarn_log_multiplier", 0.0, 10.0, 0.0));
        yarn["mscale"] = log / 0.1;
        yarn["mscale_all_dim"] = log / 0.1;
        config["rope_scaling"] = std::move(yarn);
    }
    return config;
}

} // namespace bathy::model::gguf
