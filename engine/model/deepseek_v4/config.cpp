#include "engine/model/deepseek_v4/config.h"

#include "engine/model/config_reader.h"
#include "engine/model/quant_config.h"

#include <algorithm>
#include <cmath>

namespace bathy::model::deepseek_v4 {
namespace {

// Limits far above the published models and far below anything that could overflow: 2^22 x 2^17 elements at most.
constexpr std::int64_t kMaxVocab = 1 << 22;
constexpr std::int64_t kMaxWidth = 1 << 17;
constexpr std::int64_t kMaxHeads = 4096;
constexpr std::int64_t kMaxHeadDim = 8192;
constexpr std::int64_t kMaxLayers = 256;
constexpr std::int64_t kMaxExperts = 2048;
constexpr std::int64_t kMaxRatio = 1 << 16;
constexpr std::int64_t kMaxContext = std::int64_t{1} << 30;

struct IntField {
    const char* key;
    int Config::*member;
    std::int64_t low;
    std::int64_t high;
};

constexpr IntField kIntFields[] = {
    {"vocab_size", &Config::vocabSize, 1, kMaxVocab},
    {"hidden_size", &Config::hiddenSize, 1, kMaxWidth},
    {"num_attention_heads", &Config::headCount, 1, kMaxHeads},
    {"head_dim", &Config::headDim, 2, kMaxHeadDim},
    {"q_lora_rank", &Config::qLoraRank, 1, kMaxWidth},
    {"o_groups", &Config::outputGroups, 1, kMaxHeads},
    {"o_lora_rank", &Config::outputLoraRank, 1, kMaxWidth},
    {"sliding_window", &Config::slidingWindow, 1, 1 << 20},
    {"index_n_heads", &Config::indexHeads, 1, kMaxHeads},
    {"index_head_dim", &Config::indexHeadDim, 2, kMaxHeadDim},
    {"index_topk", &Config::indexTopK, 1, 1 << 20},
    {"n_routed_experts", &Config::routedExperts, 1, kMaxExperts},
    {"num_experts_per_tok", &Config::expertsPerToken, 1, kMaxExperts},
    {"moe_intermediate_size", &Config::expertWidth, 1, kMaxWidth},
    {"hc_mult", &Config::hcMult, 1, 16},
    {"hc_sinkhorn_iters", &Config::sinkhornIterations, 1, 1000},
};

Result<void> readCounts(const ConfigReader& reader, Config& config) {
    for (const auto& field : kIntFields) {
        BATHY_TRY(const auto value, reader.integer(field.key, field.low, field.high));
        config.*field.member = static_cast<int>(value);
    }
    BATHY_TRY(const auto shared, reader.integer("n_shared_experts", 1, 64, 1));
    config.sharedExperts = static_cast<int>(shared);
    BATHY_TRY(const auto drafts, reader.integer("num_nextn_predict_layers", 0, 64, 0));
    config.draftLayersDeclared = static_cast<int>(drafts);
    BATHY_TRY(config.contextLength, reader.integer("max_position_embeddings", 1, kMaxContext));

    if (config.headCount % config.outputGroups != 0)
        return reader.bad("o_groups", "does not divide num_attention_heads");
    if (config.expertsPerToken > config.routedExperts)
        return reader.bad("num_experts_per_tok", "is larger than n_routed_experts");
    return {};
}

Result<void> readScalars(const ConfigReader& reader, Config& config) {
    BATHY_TRY(config.routedScaling, reader.number("routed_scaling_factor", 1e-6, 1e6, 1.0));
    BATHY_TRY(config.swigluLimit, reader.number("swiglu_limit", 1e-6, 1e6));
    BATHY_TRY(config.hcEps, reader.number("hc_eps", 1e-30, 1.0));
    BATHY_TRY(config.rmsEps, reader.number("rms_norm_eps", 1e-30, 1.0));
    return {};
}

// Choices that other models make and this family's equations do not have.
Result<void> refuseOthers(const ConfigReader& reader) {
    const auto unsupported = [](const std::string& what) {
        return Error(ErrorCode::Unsupported, "config.json: " + what);
    };
    BATHY_TRY(const auto type, reader.string("model_type"));
    if (type != "deepseek_v4")
        return unsupported("model_type is \"" + type.substr(0, 64) + "\", only deepseek_v4 can be opened");
    BATHY_TRY(const auto tied, reader.boolean("tie_word_embeddings", false));
    if (tied)
        return unsupported("tie_word_embeddings is true, the family has an output matrix of its own");
    BATHY_TRY(const auto scoring, reader.string("scoring_func", "sqrtsoftplus"));
    if (scoring != "sqrtsoftplus")
        return unsupported("scoring_func is \"" + scoring.substr(0, 64) + "\", only sqrtsoftplus is known");
    BATHY_TRY(const auto method, reader.string("topk_method", "noaux_tc"));
    if (method != "noaux_tc")
        return unsupported("topk_method is \"" + method.substr(0, 64) + "\", only noaux_tc is known");
    BATHY_TRY(const auto normalised, reader.boolean("norm_topk_prob", true));
    if (!normalised)
        return unsupported("norm_topk_prob is false, the router always normalises");
    BATHY_TRY(const auto act, reader.string("hidden_act", "silu"));
    if (act != "silu")
        return unsupported("hidden_act is \"" + act.substr(0, 64) + "\", only silu is known");
    BATHY_TRY(const auto bias, reader.boolean("attention_bias", false));
    if (bias)
        return unsupported("attention_bias is true, no projection of the family has a bias");
    BATHY_TRY(const auto kvHeads, reader.integer("num_key_value_heads", 1, kMaxHeads, 1));
    if (kvHeads != 1)
        return unsupported("num_key_value_heads is " + std::to_string(kvHeads) +
                           ", the family shares one row among all heads");
    return {};
}

Result<void> readYarn(const ConfigReader& reader, YarnConfig& yarn) {
    // "type" in the official files, "rope_type" in those of transformers.
    BATHY_TRY(const auto official, reader.string("type", ""));
    BATHY_TRY(const auto type, reader.string("rope_type", official));
    if (type.empty() || type == "default")
        return {};
    if (type != "yarn")
        return Error(ErrorCode::Unsupported,
                     "config.json: rope scaling of type \"" + type.substr(0, 64) + "\", only yarn is known");
    BATHY_TRY(yarn.factor, reader.number("factor", 1.0, 1e6));
    BATHY_TRY(yarn.originalContext, reader.integer("original_max_position_embeddings", 1, kMaxContext));
    BATHY_TRY(yarn.betaFast, reader.number("beta_fast", 1e-6, 1e6, 32.0));
    BATHY_TRY(yarn.betaSlow, reader.number("beta_slow", 1e-6, 1e6, 1.0));
    if (yarn.betaFast <= yarn.betaSlow)
        return reader.bad("beta_fast", "is not larger than beta_slow");
    BATHY_TRY(const auto attention, reader.number("attention_factor", -1e9, 1e9, 1.0));
    if (attention != 1.0)
        return Error(ErrorCode::Unsupported,
                     "config.json: attention_factor is not 1, the family scales no rotary table");
    return {};
}

Result<void> readRope(const ConfigReader& reader, Config& config) {
    if (reader.has("qk_rope_head_dim")) {
        BATHY_TRY(const auto dim, reader.integer("qk_rope_head_dim", 2, config.headDim));
        config.ropeDim = static_cast<int>(dim);
    } else {
        BATHY_TRY(const auto share, reader.number("partial_rotary_factor", 1e-6, 1.0));
        config.ropeDim = static_cast<int>(std::lround(config.headDim * share));
    }
    const char* dimKey = reader.has("qk_rope_head_dim") ? "qk_rope_head_dim" : "partial_rotary_factor";
    if (config.ropeDim < 2 || config.ropeDim % 2 != 0)
        return reader.bad(dimKey,
                          "gives " + std::to_string(config.ropeDim) + " rotated channels, an even number is needed");
    if (config.ropeDim > config.indexHeadDim)
        return reader.bad(dimKey, "gives more rotated channels than index_head_dim has");

    std::optional<double> main;
    std::optional<double> compress;
    for (const char* key : {"rope_scaling", "rope_parameters"}) {
        if (!reader.has(key))
            continue;
        BATHY_TRY(const auto rope, reader.object(key));
        if (rope.has("compress")) {
            BATHY_TRY(const auto nested, rope.object("compress"));
            BATHY_CHECK(readYarn(nested, config.yarn));
            if (nested.has("rope_theta")) {
                BATHY_TRY(compress, nested.number("rope_theta", 1.0, 1e12));
            }
        } else {
            BATHY_CHECK(readYarn(rope, config.yarn));
        }
        if (rope.has("main")) {
            BATHY_TRY(const auto nested, rope.object("main"));
            BATHY_TRY(const auto type, nested.string("rope_type", "default"));
            if (type != "default")
                return Error(ErrorCode::Unsupported,
                             "config.json: the main rotary table is scaled, the family never does");
            if (nested.has("rope_theta")) {
                BATHY_TRY(main, nested.number("rope_theta", 1.0, 1e12));
            }
        }
    }
    BATHY_TRY(config.ropeTheta, reader.number("rope_theta", 1.0, 1e12, main));
    BATHY_TRY(config.compressRopeTheta, reader.number("compress_rope_theta", 1.0, 1e12, compress));
    return {};
}

Result<const nlohmann::json*> arrayAt(const ConfigReader& reader, const char* key, int needed) {
    if (!reader.has(key))
        return reader.bad(key, "is missing");
    const auto& list = reader.at(key);
    if (!list.is_array())
        return reader.bad(key, "is not a list");
    if (list.size() < static_cast<std::size_t>(needed))
        return reader.bad(key, "has " + std::to_string(list.size()) + " entries, num_hidden_layers is " +
                                   std::to_string(needed));
    return &list;
}

// compress_ratios: 0 window only, 4 overlapping with indexer, anything else non-overlapping.
Result<void> layersFromRatios(const ConfigReader& reader, Config& config) {
    BATHY_TRY(const auto* list, arrayAt(reader, "compress_ratios", config.layerCount()));
    for (int i = 0; i < config.layerCount(); ++i) {
        const auto& entry = (*list)[static_cast<std::size_t>(i)];
        if (!entry.is_number_integer() || entry.get<std::int64_t>() < 0 || entry.get<std::int64_t>() > kMaxRatio)
            return reader.bad("compress_ratios", "has no ratio from 0 to 65536 at layer " + std::to_string(i));
        auto& layer = config.layers[static_cast<std::size_t>(i)];
        layer.ratio = entry.get<int>();
        layer.attention = layer.ratio == 0   ? AttentionKind::SlidingWindow
                          : layer.ratio == 4 ? AttentionKind::CompressedSparse
                                             : AttentionKind::HeavilyCompressed;
    }
    return {};
}

Result<void> layersFromTypes(const ConfigReader& reader, Config& config) {
    BATHY_TRY(const auto* list, arrayAt(reader, "layer_types", config.layerCount()));
    BATHY_TRY(const auto rates, reader.object("compress_rates"));
    for (int i = 0; i < config.layerCount(); ++i) {
        const auto& entry = (*list)[static_cast<std::size_t>(i)];
        const auto type = entry.is_string() ? entry.get<std::string>() : std::string();
        auto& layer = config.layers[static_cast<std::size_t>(i)];
        if (type == "sliding_attention")
            continue;
        if (type == "compressed_sparse_attention")
            layer.attention = AttentionKind::CompressedSparse;
        else if (type == "heavily_compressed_attention")
            layer.attention = AttentionKind::HeavilyCompressed;
        else
            return reader.bad("layer_types", "names no known kind at layer " + std::to_string(i));
        BATHY_TRY(const auto ratio, rates.integer(type.c_str(), 1, kMaxRatio));
        layer.ratio = static_cast<int>(ratio);
    }
    return {};
}

Result<void> readRouters(const ConfigReader& reader, Config& config) {
    if (reader.has("mlp_layer_types")) {
        BATHY_TRY(const auto* list, arrayAt(reader, "mlp_layer_types", config.layerCount()));
        for (int i = 0; i < config.layerCount(); ++i) {
            const auto& entry = (*list)[static_cast<std::size_t>(i)];
            if (entry != "hash_moe" && entry != "moe")
                return reader.bad("mlp_layer_types", "names no known kind at layer " + std::to_string(i));
            config.layers[static_cast<std::size_t>(i)].router =
                entry == "hash_moe" ? RouterKind::Hash : RouterKind::Learned;
        }
        return {};
    }
    BATHY_TRY(const auto hashed, reader.integer("num_hash_layers", 0, kMaxLayers));
    for (int i = 0; i < std::min(config.layerCount(), static_cast<int>(hashed)); ++i)
        config.layers[static_cast<std::size_t>(i)].router = RouterKind::Hash;
    return {};
}

Result<void> readDspark(const ConfigReader& reader, Config& config) {
    if (!reader.has("dspark_block_size"))
        return {};
    DsparkConfig dspark;
    BATHY_TRY(const auto block, reader.integer("dspark_block_size", 1, 64));
    BATHY_TRY(const auto noise, reader.integer("dspark_noise_token_id", 0, config.vocabSize - 1));
    BATHY_TRY(const auto rank, reader.integer("dspark_markov_rank", 1, kMaxWidth));
    dspark.blockSize = static_cast<int>(block);
    dspark.noiseToken = static_cast<int>(noise);
    dspark.markovRank = static_cast<int>(rank);
    const char* key = "dspark_target_layer_ids";
    BATHY_TRY(const auto* list, arrayAt(reader, key, 0));
    if (list->empty() || list->size() > config.layers.size())
        return reader.bad(key, "needs between one entry and one per layer");
    for (const auto& id : *list) {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() >= config.layerCount())
            return reader.bad(key, "names a layer that does not exist");
        dspark.targetLayers.push_back(id.get<int>());
    }
    config.dspark = std::move(dspark);
    return {};
}

Result<void> readTokens(const ConfigReader& reader, Config& config) {
    BATHY_TRY(const auto bos, reader.integer("bos_token_id", 0, config.vocabSize - 1, 0));
    config.bosToken = static_cast<int>(bos);
    if (!reader.has("eos_token_id")) {
        config.eosTokens = {};
        return {};
    }
    const auto& eos = reader.at("eos_token_id");
    const auto list = eos.is_array() ? eos : nlohmann::json::array({eos});
    if (list.size() > 64)
        return reader.bad("eos_token_id", "lists more than 64 tokens");
    for (const auto& id : list) {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() >= config.vocabSize)
            return reader.bad("eos_token_id", "is no token of the vocabulary");
        config.eosTokens.push_back(id.get<int>());
    }
    return {};
}

} // namespace

double Config::attentionScale() const {
    return 1.0 / std::sqrt(static_cast<double>(headDim));
}

double Config::indexScale() const {
    return 1.0 / std::sqrt(static_cast<double>(indexHeadDim) * indexHeads);
}

int Config::count(AttentionKind kind) const {
    return static_cast<int>(
        std::count_if(layers.begin(), layers.end(), [&](const LayerConfig& layer) { return layer.attention == kind; }));
}

Result<Config> parseConfig(std::string_view configJson) {
    const auto json = nlohmann::json::parse(configJson, nullptr, false);
    if (json.is_discarded())
        return Error(ErrorCode::BadFile, "config.json: is not valid JSON");
    if (!json.is_object())
        return Error(ErrorCode::BadFile, "config.json: is not a JSON object");
    const ConfigReader reader(json, "");
    Config config;
    BATHY_CHECK(refuseOthers(reader));
    BATHY_TRY(const auto layers, reader.integer("num_hidden_layers", 1, kMaxLayers));
    config.layers.resize(static_cast<std::size_t>(layers));
    BATHY_CHECK(readCounts(reader, config));
    BATHY_CHECK(readScalars(reader, config));
    BATHY_CHECK(readRope(reader, config));
    BATHY_CHECK(reader.has("layer_types") && reader.has("compress_rates") ? layersFromTypes(reader, config)
                                                                          : layersFromRatios(reader, config));
    BATHY_CHECK(readRouters(reader, config));
    BATHY_TRY(config.quant, readQuantConfig(reader));
    BATHY_CHECK(readDspark(reader, config));
    BATHY_CHECK(readTokens(reader, config));
    return config;
}

} // namespace bathy::model::deepseek_v4
