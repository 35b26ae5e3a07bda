#include "engine/model/gguf/config.h"

#include <cmath>
#include <cstring>

namespace bathy::model::gguf {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaxDim = 8192;

Result<void> readHeadDim(const KeyReader& reader, json& config) {
    const auto hidden = config["hidden_size"].get<std::int64_t>();
    const auto heads = config["num_attention_heads"].get<std::int64_t>();
    if (!reader.has("attention.key_length") && hidden % heads != 0)
        return reader.bad("attention.head_count", "does not divide embedding_length, and key_length is missing");
    BATHY_TRY(const auto dim, reader.integer("attention.key_length", 2, kMaxDim, hidden / heads));
    BATHY_TRY(const auto value, reader.integer("attention.value_length", 2, kMaxDim, dim));
    if (value != dim)
        return reader.bad("attention.value_length", "is not attention.key_length");
    BATHY_TRY(const auto rope, reader.integer("rope.dimension_count", 2, kMaxDim, dim));
    if (rope != dim || dim % 2 != 0)
        return reader.bad("rope.dimension_count", "is not the whole head of " + std::to_string(dim));
    config["head_dim"] = dim;
    return {};
}

// One divisor for each pair of channels, as the file has them.
Result<void> readDivisors(const KeyReader& reader, json& config) {
    const auto tensor = reader.checkpoint().find("rope_freqs.weight");
    if (!tensor)
        return {};
    const auto pairs = config["head_dim"].get<std::int64_t>() / 2;
    const auto bad = [&](const std::string& what) {
        return Error(ErrorCode::BadFile, reader.metadata().fileName() + ": tensor rope_freqs.weight " + what);
    };
    if (tensor->dtype != DType::F32 || tensor->elementCount() != pairs)
        return bad("is not F32 with " + std::to_string(pairs) + " elements");
    auto divisors = json::array();
    for (std::int64_t i = 0; i < pairs; ++i) {
        float value = 0;
        std::memcpy(&value, tensor->bytes.data() + 4 * i, 4);
        if (!(value > 0) || std::isinf(value))
            return bad("holds a divisor that is not positive");
        divisors.push_back(static_cast<double>(value));
    }
    config["rope_divisors"] = std::move(divisors);
    return {};
}

} // namespace

Result<json> denseConfig(const KeyReader& reader) {
    BATHY_TRY(auto config, sharedConfig(reader));
    BATHY_CHECK(readHeadDim(reader, config));
    BATHY_TRY(config["intermediate_size"], reader.integer("feed_forward_length", 1, 1 << 20));
    config["use_sliding_window"] = false;
    const auto& architecture = reader.architecture();
    config["model_type"] = architecture;
    if (architecture == "llama") {
        config["architectures"] = {"LlamaForCausalLM"};
        config["rope_interleaved"] = true;
        BATHY_CHECK(readDivisors(reader, config));
    } else {
        config["architectures"] = {architecture == "qwen2" ? "Qwen2ForCausalLM" : "Qwen3ForCausalLM"};
    }
    BATHY_TRY(auto yarn, yarnScaling(reader));
    if (!yarn.is_null()) {
        if (config.contains("rope_divisors"))
            return reader.bad("rope.scaling.type", "is yarn, but rope_freqs.weight scales the rotary table already");
        BATHY_TRY(const auto factor, reader.number("rope.scaling.yarn_attn_factor", 1e-3, 1e3, 1.0));
        yarn["attention_factor"] = factor * (0.1 * std::log(yarn["factor"].get<double>()) + 1.0);
        config["rope_scaling"] = std::move(yarn);
    }
    return config;
}

} // namespace bathy::model::gguf
