#include "engine/model/gguf/export_metadata.h"

#include "engine/model/config_reader.h"

#include <cmath>

namespace bathy::model::gguf {
namespace {

using nlohmann::json;

constexpr std::int64_t kMost = 0xffff'ffff;

struct Pair {
    const char* field;
    const char* key;
};

// Adds "<architecture>.<key>" for fields of the config.
class Writer {
public:
    Writer(const ConfigReader& reader, const std::string& architecture, checkpoint::GgufPairs& pairs)
        : m_reader(reader), m_architecture(architecture), m_pairs(pairs) {}

    std::string key(const char* name) const { return m_architecture + "." + name; }
    void integer(const char* name, std::int64_t value) { m_pairs.u32(key(name), static_cast<std::uint32_t>(value)); }
    void number(const char* name, double value) { m_pairs.f32(key(name), static_cast<float>(value)); }

    Result<void> integers(std::span<const Pair> pairs) {
        for (const auto& [field, name] : pairs) {
            BATHY_TRY(const auto value, m_reader.integer(field, 0, kMost));
            integer(name, value);
        }
        return {};
    }
    Result<void> numberOf(const char* field, const char* name, std::optional<double> fallback = std::nullopt) {
        BATHY_TRY(const auto value, m_reader.number(field, -1e30, 1e30, fallback));
        number(name, value);
        return {};
    }
    const ConfigReader& reader() const { return m_reader; }
    checkpoint::GgufPairs& pairs() { return m_pairs; }

private:
    const ConfigReader& m_reader;
    const std::string& m_architecture;
    checkpoint::GgufPairs& m_pairs;
};

constexpr Pair kShared[] = {
    {"num_hidden_layers", "block_count"},
    {"max_position_embeddings", "context_length"},
    {"hidden_size", "embedding_length"},
    {"vocab_size", "vocab_size"},
    {"num_attention_heads", "attention.head_count"},
};

// rope_scaling, or "compress" or the object itself of rope_parameters; nothing when there is no scaling.
Result<std::optional<json>> scalingOf(const json& config) {
    for (const char* field : {"rope_scaling", "rope_parameters"}) {
        auto found = config.find(field);
        if (found == config.end() || !found->is_object())
            continue;
        const json scaling = found->contains("compress") ? (*found)["compress"] : *found;
        const auto type = scaling.value("rope_type", scaling.value("type", std::string("default")));
        if (type != "default")
            return std::optional(scaling);
    }
    return std::optional<json>();
}

double thetaOf(const json& config, const char* part) {
    for (const char* field : {"rope_parameters", "rope_scaling"})
        if (const auto rope = config.find(field); rope != config.end() && rope->is_object()) {
            if (rope->contains(part))
                return (*rope)[part].value("rope_theta", 10'000.0);
            if (rope->contains("rope_theta"))
                return rope->value("rope_theta", 10'000.0);
        }
    return 10'000.0;
}

Result<void> addYarn(Writer& out, const json& config) {
    BATHY_TRY(const auto scaling, scalingOf(config));
    if (!scaling)
        return {};
    const auto type = scaling->value("rope_type", scaling->value("type", std::string()));
    if (type == "llama3")
        return {}; // becomes a tensor
    if (type != "yarn")
        return Error(ErrorCode::Unsupported, "config.json: rope scaling of type \"" + type.substr(0, 64) +
                                                 "\" has no form in the files written here");
    const ConfigReader reader(*scaling, "rope_scaling.");
    out.pairs().string(out.key("rope.scaling.type"), "yarn");
    BATHY_TRY(const auto factor, reader.number("factor", 1, 1e6));
    BATHY_TRY(const auto original, reader.integer("original_max_position_embeddings", 1, kMost));
    BATHY_TRY(const auto fast, reader.number("beta_fast", 1e-6, 1e6, 32.0));
    BATHY_TRY(const auto slow, reader.number("beta_slow", 1e-6, 1e6, 1.0));
    out.number("rope.scaling.factor", factor);
    out.integer("rope.scaling.original_context_length", original);
    out.number("rope.scaling.yarn_beta_fast", fast);
    out.number("rope.scaling.yarn_beta_slow", slow);
    if (reader.has("mscale_all_dim")) {
        BATHY_TRY(const auto all, reader.number("mscale_all_dim", 0, 100));
        out.number("rope.scaling.yarn_log_multiplier", 0.1 * all);
        return {};
    }
    // Readers multiply by 0.1 ln(factor) + 1 themselves.
    const double usual = 0.1 * std::log(factor) + 1.0;
    if (reader.has("attention_factor")) {
        BATHY_TRY(const auto final, reader.number("attention_factor", 1e-6, 1e6));
        out.number("rope.scaling.yarn_attn_factor", final / usual);
    } else if (reader.has("attn_factor")) {
        BATHY_TRY(const auto onTop, reader.number("attn_factor", 1e-6, 1e6));
        out.number("rope.scaling.yarn_attn_factor", onTop);
    }
    return {};
}

Result<void> addDeepseek4(Writer& out, const json& config) {
    constexpr Pair kPairs[] = {
        {"head_dim", "attention.key_length"},
        {"head_dim", "attention.value_length"},
        {"q_lora_rank", "attention.q_lora_rank"},
        {"o_lora_rank", "attention.output_lora_rank"},
        {"o_groups", "attention.output_group_count"},
        {"sliding_window", "attention.sliding_window"},
        {"index_n_heads", "attention.indexer.head_count"},
        {"index_head_dim", "attention.indexer.key_length"},
        {"index_topk", "attention.indexer.top_k"},
        {"n_routed_experts", "expert_count"},
        {"num_experts_per_tok", "expert_used_count"},
        {"moe_intermediate_size", "expert_feed_forward_length"},
        {"hc_mult", "hyper_connection.count"},
        {"hc_sinkhorn_iters", "hyper_connection.sinkhorn_iterations"},
        {"qk_rope_head_dim", "rope.dimension_count"},
        {"num_hash_layers", "hash_layer_count"},
    };
    const auto& reader = out.reader();
    BATHY_CHECK(out.integers(kPairs));
    BATHY_TRY(const auto shared, reader.integer("n_shared_experts", 1, 64, 1));
    out.integer("expert_shared_count", shared);
    out.integer("attention.head_count_kv", 1);
    out.integer("expert_gating_func", 4);
    out.pairs().boolean(out.key("expert_weights_norm"), true);
    BATHY_CHECK(out.numberOf("routed_scaling_factor", "expert_weights_scale", 1.0));
    BATHY_CHECK(out.numberOf("hc_eps", "hyper_connection.epsilon"));
    BATHY_CHECK(out.numberOf("compress_rope_theta", "attention.compress_rope_freq_base", thetaOf(config, "compress")));
    BATHY_TRY(const auto clamp, reader.number("swiglu_limit", 1e-6, 1e6));
    BATHY_TRY(const auto layers, reader.integer("num_hidden_layers", 1, 1024));
    const std::vector<float> clamps(static_cast<std::size_t>(layers), static_cast<float>(clamp));
    out.pairs().f32s(out.key("swiglu_clamp_exp"), clamps);
    const auto ratios = config.find("compress_ratios");
    if (ratios == config.end() || !ratios->is_array() || ratios->size() < static_cast<std::size_t>(layers))
        return Error(ErrorCode::Unsupported, "config.json: compress_ratios is missing",
                     "use the official config.json, which lists one ratio for each layer");
    std::vector<std::int32_t> list;
    for (std::size_t i = 0; i < static_cast<std::size_t>(layers); ++i)
        list.push_back((*ratios)[i].get<std::int32_t>());
    out.pairs().i32s(out.key("attention.compress_ratios"), list);
    return {};
}

Result<void> addMla(Writer& out, const json& config) {
    constexpr Pair kPairs[] = {
        {"kv_lora_rank", "attention.kv_lora_rank"},
        {"v_head_dim", "attention.value_length_mla"},
        {"intermediate_size", "feed_forward_length"},
        {"qk_rope_head_dim", "rope.dimension_count"},
        {"n_routed_experts", "expert_count"},
        {"num_experts_per_tok", "expert_used_count"},
        {"moe_intermediate_size", "expert_feed_forward_length"},
    };
    const auto& reader = out.reader();
    BATHY_CHECK(out.integers(kPairs));
    BATHY_TRY(const auto rank, reader.integer("kv_lora_rank", 1, kMost));
    BATHY_TRY(const auto rope, reader.integer("qk_rope_head_dim", 2, 8192));
    BATHY_TRY(const auto nope, reader.integer("qk_nope_head_dim", 1, 8192));
    out.integer("attention.head_count_kv", 1);
    out.integer("attention.key_length", rank + rope);
    out.integer("attention.value_length", rank);
    out.integer("attention.key_length_mla", nope + rope);
    if (reader.has("q_lora_rank")) {
        BATHY_TRY(const auto queries, reader.integer("q_lora_rank", 0, kMost));
        if (queries > 0)
            out.integer("attention.q_lora_rank", queries);
    }
    const bool v2 = config.value("model_type", std::string()) == "deepseek_v2";
    BATHY_TRY(const auto scoring, reader.string("scoring_func", v2 ? "softmax" : "sigmoid"));
    out.integer("expert_gating_func", scoring == "sigmoid" ? 2 : 1);
    BATHY_TRY(const auto norm, reader.boolean("norm_topk_prob", !v2));
    out.pairs().boolean(out.key("expert_weights_norm"), norm);
    BATHY_TRY(const auto shared, reader.integer("n_shared_experts", 0, 64, 0));
    out.integer("expert_shared_count", shared);
    BATHY_TRY(const auto dense, reader.integer("first_k_dense_replace", 0, 1024, 0));
    out.integer("leading_dense_block_count", dense);
    BATHY_TRY(const auto groups, reader.integer("n_group", 0, 65'536, 1));
    BATHY_TRY(const auto kept, reader.integer("topk_group", 0, 65'536, 1));
    BATHY_TRY(const auto method, reader.string("topk_method", v2 ? "greedy" : "noaux_tc"));
    out.integer("expert_group_count", method == "greedy" ? 1 : groups);
    out.integer("expert_group_used_count", method == "greedy" ? 1 : kept);
    BATHY_CHECK(out.numberOf("routed_scaling_factor", "expert_weights_scale", 1.0));
    if (reader.has("index_topk")) {
        constexpr Pair kIndexer[] = {{"index_n_heads", "attention.indexer.head_count"},
                                     {"index_head_dim", "attention.indexer.key_length"},
                                     {"index_topk", "attention.indexer.top_k"}};
        BATHY_CHECK(out.integers(kIndexer));
    }
    return {};
}

Result<void> addDense(Writer& out) {
    const auto& reader = out.reader();
    constexpr Pair kPairs[] = {{"intermediate_size", "feed_forward_length"}};
    BATHY_CHECK(out.integers(kPairs));
    BATHY_TRY(const auto hidden, reader.integer("hidden_size", 1, kMost));
    BATHY_TRY(const auto heads, reader.integer("num_attention_heads", 1, 65'536));
    BATHY_TRY(const auto kvHeads, reader.integer("num_key_value_heads", 1, 65'536, heads));
    BATHY_TRY(const auto dim, reader.integer("head_dim", 2, 8192, hidden / heads));
    out.integer("attention.head_count_kv", kvHeads);
    out.integer("attention.key_length", dim);
    out.integer("attention.value_length", dim);
    out.integer("rope.dimension_count", dim);
    return {};
}

Result<void> addEnds(const ConfigReader& reader, const json& config, checkpoint::GgufPairs& pairs) {
    if (reader.has("bos_token_id")) {
        BATHY_TRY(const auto bos, reader.integer("bos_token_id", 0, kMost));
        pairs.u32("tokenizer.ggml.bos_token_id", static_cast<std::uint32_t>(bos));
    }
    if (!reader.has("eos_token_id"))
        return {};
    const auto& ends = config["eos_token_id"];
    const auto list = ends.is_array() ? ends : json::array({ends});
    constexpr const char* kKeys[] = {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id",
                                     "tokenizer.ggml.eom_token_id"};
    for (std::size_t i = 0; i < list.size() && i < std::size(kKeys); ++i)
        if (list[i].is_number_unsigned())
            pairs.u32(kKeys[i], list[i].get<std::uint32_t>());
    return {};
}

} // namespace

Result<Target> targetOf(const json& config) {
    if (!config.is_object())
        return Error(ErrorCode::BadFile, "config.json: is missing or no JSON object");
    const auto type = config.value("model_type", std::string());
    if (type == "deepseek_v4")
        return Target{"deepseek4", &deepseek4Names(), false};
    if (type == "deepseek_v2" || type == "deepseek_v3")
        return Target{"deepseek2", &mlaNames(), false};
    if (type == "deepseek_v32")
        return Target{"deepseek32", &mlaNames(), false};
    if (type == "qwen2" || type == "qwen3")
        return Target{type, &denseNames(), false};
    if (type == "llama")
        return Target{type, &denseNames(), true};
    return Error(ErrorCode::Unsupported, "config.json: model_type is \"" + type.substr(0, 64) +
                                             "\", GGUF is written for deepseek_v2, deepseek_v3, "
                                             "deepseek_v32, deepseek_v4, qwen2, qwen3, llama");
}

std::vector<float> ropeDivisors(const json& config) {
    if (const auto given = config.find("rope_divisors"); given != config.end())
        return given->get<std::vector<float>>();
    const auto scaling = scalingOf(config);
    if (!scaling || !*scaling || (**scaling).value("rope_type", (**scaling).value("type", "")) != "llama3")
        return {};
    const auto& rope = **scaling;
    const double factor = rope.value("factor", 8.0);
    const double low = rope.value("low_freq_factor", 1.0);
    const double high = rope.value("high_freq_factor", 4.0);
    const double original = rope.value("original_max_position_embeddings", 8192.0);
    const double theta = config.contains("rope_theta") ? config.value("rope_theta", 10'000.0) : thetaOf(config, "main");
    const auto dim = config.value("head_dim", config.value("hidden_size", 0) / config.value("num_attention_heads", 1));
    std::vector<float> divisors;
    for (int i = 0; i < dim / 2; ++i) {
        const double wavelength = 2 * 3.14159265358979323846 * std::pow(theta, 2.0 * i / dim);
        double divisor = 1;
        if (wavelength > original / low) {
            divisor = factor;
        } else if (wavelength >= original / high) {
            const double smooth = (original / wavelength - low) / (high - low);
            divisor = 1 / ((1 - smooth) / factor + smooth);
        }
        divisors.push_back(static_cast<float>(divisor));
    }
    return divisors;
}

Result<void> exportMetadata(const json& config, const Target& target, const std::string& name,
                            checkpoint::GgufPairs& pairs) {
    const ConfigReader reader(config, "");
    Writer out(reader, target.architecture, pairs);
    pairs.string("general.architecture", target.architecture);
    pairs.string("general.name", name);
    pairs.u32("general.quantization_version", 2);
    BATHY_CHECK(out.integers(kShared));
    BATHY_CHECK(out.numberOf("rms_norm_eps", "attention.layer_norm_rms_epsilon"));
    BATHY_CHECK(out.numberOf("rope_theta", "rope.freq_base", thetaOf(config, "main")));
    BATHY_CHECK(addYarn(out, config));
    BATHY_CHECK(target.architecture == "deepseek4" ? addDeepseek4(out, config)
                : target.names == &mlaNames()      ? addMla(out, config)
                                                   : addDense(out));
    return addEnds(reader, config, pairs);
}

} // namespace bathy::model::gguf
