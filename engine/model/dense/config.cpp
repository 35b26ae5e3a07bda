#include "engine/model/dense/config.h"

#include "engine/model/config_limits.h"
#include "engine/model/token_ids.h"

namespace bathy::model::dense {
namespace {

Result<int> count(const ConfigReader& reader, const char* key, std::int64_t most,
                  std::optional<std::int64_t> fallback = std::nullopt) {
    BATHY_TRY(const auto value, reader.integer(key, 1, most, fallback));
    return static_cast<int>(value);
}

Result<void> readShape(const ConfigReader& reader, Config& config) {
    BATHY_TRY(config.vocabSize, count(reader, "vocab_size", kMaxVocab));
    BATHY_TRY(config.hiddenSize, count(reader, "hidden_size", kMaxWidth));
    BATHY_TRY(config.layerCount, count(reader, "num_hidden_layers", kMaxLayers));
    BATHY_TRY(config.headCount, count(reader, "num_attention_heads", kMaxHeads));
    BATHY_TRY(config.kvHeadCount, count(reader, "num_key_value_heads", kMaxHeads, config.headCount));
    BATHY_TRY(config.ffnWidth, count(reader, "intermediate_size", kMaxWidth));
    if (config.headCount % config.kvHeadCount != 0)
        return reader.bad("num_key_value_heads", "does not divide num_attention_heads");
    if (!reader.has("head_dim") && config.hiddenSize % config.headCount != 0)
        return reader.bad("num_attention_heads", "does not divide hidden_size, and head_dim is missing");
    BATHY_TRY(config.headDim, count(reader, "head_dim", kMaxHeadDim, config.hiddenSize / config.headCount));
    if (config.headDim % 2 != 0)
        return reader.bad("head_dim", "is odd, rotary positions need pairs of channels");
    BATHY_TRY(config.rmsEps, reader.number("rms_norm_eps", 1e-30, 1.0));
    BATHY_TRY(config.contextLength, reader.integer("max_position_embeddings", 1, kMaxContext));
    return {};
}

// Keys that only configs made from GGUF files have.
Result<void> readDivisors(const ConfigReader& reader, Config& config) {
    if (!reader.has("rope_divisors"))
        return {};
    const auto& list = reader.at("rope_divisors");
    if (!list.is_array() || list.size() != static_cast<std::size_t>(config.headDim / 2))
        return reader.bad("rope_divisors", "is no list of one divisor for each pair of channels");
    for (const auto& divisor : list) {
        if (!divisor.is_number() || !(divisor.get<double>() > 0) || divisor.get<double>() > 1e9)
            return reader.bad("rope_divisors", "holds something that is no positive number");
        config.ropeDivisors.push_back(divisor.get<double>());
    }
    return {};
}

// Choices that other models make and these forward passes do not have.
Result<void> refuseOthers(const ConfigReader& reader) {
    BATHY_CHECK(reader.onlyString("hidden_act", "silu"));
    BATHY_CHECK(reader.onlyFalse("use_sliding_window", "only attention over all tokens is known"));
    BATHY_CHECK(reader.onlyFalse("attention_bias", "the published models of this architecture have none"));
    return reader.onlyFalse("mlp_bias", "the published models of this architecture have none");
}

} // namespace

Result<Config> parseConfig(std::string_view configJson) {
    const auto json = nlohmann::json::parse(configJson, nullptr, false);
    if (json.is_discarded())
        return Error(ErrorCode::BadFile, "config.json: is not valid JSON");
    if (!json.is_object())
        return Error(ErrorCode::BadFile, "config.json: is not a JSON object");
    const ConfigReader reader(json, "");
    Config config;
    BATHY_TRY(const auto type, reader.string("model_type"));
    if (type != "qwen2" && type != "qwen3" && type != "llama")
        return unsupportedConfig("model_type is \"" + type.substr(0, 64) +
                                 "\", the dense ones are qwen2, qwen3 and llama");
    config.qkvBias = type == "qwen2";
    config.qkNorm = type == "qwen3";
    BATHY_CHECK(refuseOthers(reader));
    BATHY_CHECK(readShape(reader, config));
    BATHY_TRY(config.rope, readRopeConfig(reader));
    BATHY_TRY(config.ropeInterleaved, reader.boolean("rope_interleaved", false));
    BATHY_CHECK(readDivisors(reader, config));
    BATHY_TRY(config.tied, reader.boolean("tie_word_embeddings", false));
    BATHY_TRY(config.endTokens, readTokenIds(reader, "eos_token_id", config.vocabSize));
    return config;
}

} // namespace bathy::model::dense
