#include "engine/model/deepseek_v3/config.h"

#include "engine/model/config_limits.h"
#include "engine/model/quant_config.h"
#include "engine/model/token_ids.h"

#include <cmath>
#include <string>

namespace bathy::model::deepseek_v3 {
namespace {

Result<int> number(const ConfigReader& reader, const char* key, std::int64_t low, std::int64_t high,
                   std::optional<std::int64_t> fallback = std::nullopt) {
    BATHY_TRY(const auto value, reader.integer(key, low, high, fallback));
    return static_cast<int>(value);
}

Result<void> readShape(const ConfigReader& reader, Config& config) {
    BATHY_TRY(config.vocabSize, number(reader, "vocab_size", 1, kMaxVocab));
    BATHY_TRY(config.hiddenSize, number(reader, "hidden_size", 1, kMaxWidth));
    BATHY_TRY(config.layerCount, number(reader, "num_hidden_layers", 1, kMaxLayers));
    BATHY_TRY(config.headCount, number(reader, "num_attention_heads", 1, kMaxHeads));
    BATHY_TRY(config.qLoraRank, number(reader, "q_lora_rank", 0, kMaxWidth, 0));
    BATHY_TRY(config.kvLoraRank, number(reader, "kv_lora_rank", 1, kMaxWidth));
    BATHY_TRY(config.nopeDim, number(reader, "qk_nope_head_dim", 1, kMaxHeadDim));
    BATHY_TRY(config.ropeDim, number(reader, "qk_rope_head_dim", 2, kMaxHeadDim));
    BATHY_TRY(config.valueDim, number(reader, "v_head_dim", 1, kMaxHeadDim));
    BATHY_TRY(config.denseWidth, number(reader, "intermediate_size", 1, kMaxWidth));
    BATHY_TRY(config.draftLayers, number(reader, "num_nextn_predict_layers", 0, 64, 0));
    BATHY_TRY(config.rmsEps, reader.number("rms_norm_eps", 1e-30, 1.0));
    BATHY_TRY(config.contextLength, reader.integer("max_position_embeddings", 1, kMaxContext));
    if (config.ropeDim % 2 != 0)
        return reader.bad("qk_rope_head_dim", "is odd, rotary positions need pairs of channels");
    return {};
}

Result<void> readGroups(const ConfigReader& reader, RouterConfig& router) {
    BATHY_TRY(router.groups, number(reader, "n_group", 1, router.experts, 1));
    BATHY_TRY(router.groupsKept, number(reader, "topk_group", 1, router.groups, router.groups));
    if (router.experts % router.groups != 0)
        return reader.bad("n_group", "does not divide n_routed_experts");
    if (router.chosen > router.experts / router.groups * router.groupsKept)
        return reader.bad("num_experts_per_tok", "is larger than the groups that are kept");
    if (router.groupScore == GroupScore::TopTwoSum && router.groups > 1 && router.experts / router.groups < 2)
        return reader.bad("n_group", "leaves groups of one expert, the router adds up the best two");
    return {};
}

// V2: softmax, greedy or group_limited_greedy. V3: sigmoid, noaux_tc.
Result<void> readRouter(const ConfigReader& reader, bool isV2, Config& config) {
    auto& router = config.router;
    BATHY_TRY(router.experts, number(reader, "n_routed_experts", 0, kMaxExperts, 0));
    if (router.experts == 0)
        return {};
    BATHY_TRY(router.chosen, number(reader, "num_experts_per_tok", 1, router.experts));
    BATHY_TRY(config.expertWidth, number(reader, "moe_intermediate_size", 1, kMaxWidth));
    BATHY_TRY(config.sharedExperts, number(reader, "n_shared_experts", 0, 64, 0));
    BATHY_TRY(config.firstDense, number(reader, "first_k_dense_replace", 0, config.layerCount, 0));
    BATHY_TRY(config.moeFrequency, number(reader, "moe_layer_freq", 1, kMaxLayers, 1));
    BATHY_TRY(router.scale, reader.number("routed_scaling_factor", 1e-6, 1e6, 1.0));
    BATHY_TRY(router.normalise, reader.boolean("norm_topk_prob", !isV2));

    BATHY_TRY(const auto method, reader.string("topk_method", isV2 ? "greedy" : "noaux_tc"));
    const bool greedy = method.compare("greedy") == 0;
    if (greedy || method.compare("group_limited_greedy") == 0) {
        router.scoring = Scoring::Softmax;
        router.groupScore = GroupScore::Largest;
        BATHY_CHECK(reader.onlyString("scoring_func", "softmax"));
        BATHY_CHECK(reader.onlyFalse("norm_topk_prob", "with a softmax router the weights are not normalised"));
    } else if (method.compare("noaux_tc") == 0) {
        router.bias = true;
        BATHY_CHECK(reader.onlyString("scoring_func", "sigmoid"));
    } else {
        return unsupportedConfig("topk_method is \"" + method.substr(0, 64) +
                                 "\", known are greedy, group_limited_greedy and noaux_tc");
    }
    if (greedy) // groups are not looked at
        return {};
    return readGroups(reader, router);
}

Result<void> readIndexer(const ConfigReader& reader, Config& config) {
    IndexerConfig indexer;
    BATHY_TRY(indexer.heads, number(reader, "index_n_heads", 1, kMaxHeads));
    BATHY_TRY(indexer.headDim, number(reader, "index_head_dim", 2, kMaxHeadDim));
    BATHY_TRY(indexer.topK, number(reader, "index_topk", 1, 1 << 20));
    BATHY_TRY(indexer.ropeInterleaved, reader.boolean("indexer_rope_interleave", false));
    if (config.ropeDim > indexer.headDim)
        return reader.bad("index_head_dim", "is smaller than qk_rope_head_dim");
    if (config.qLoraRank == 0)
        return reader.bad("q_lora_rank", "is missing, the indexer reads the low-rank queries");
    config.indexer = indexer;
    return {};
}

Result<void> refuseOthers(const ConfigReader& reader) {
    BATHY_CHECK(reader.onlyFalse("tie_word_embeddings", "the family has an output matrix of its own"));
    BATHY_CHECK(reader.onlyString("hidden_act", "silu"));
    BATHY_CHECK(reader.onlyFalse("attention_bias", "no projection of the family has a bias"));
    return reader.onlyFalse("mlp_bias", "no projection of the family has a bias");
}

} // namespace

double Config::attentionScale() const {
    return rope.scoreFactor() / std::sqrt(static_cast<double>(queryDim()));
}

Result<Config> parseConfig(std::string_view configJson) {
    const auto json = nlohmann::json::parse(configJson, nullptr, false);
    if (json.is_discarded())
        return Error(ErrorCode::BadFile, "config.json: is not valid JSON");
    if (!json.is_object())
        return Error(ErrorCode::BadFile, "config.json: is not a JSON object");
    const ConfigReader reader(json, "");
    Config config;
    BATHY_TRY(const auto type, reader.string("model_type"));
    const bool isV2 = type == "deepseek_v2";
    const bool isV32 = type == "deepseek_v32";
    if (!isV2 && !isV32 && type != "deepseek_v3")
        return unsupportedConfig("model_type is \"" + type.substr(0, 64) +
                                 "\", the family has deepseek_v2, deepseek_v3 and deepseek_v32");
    BATHY_CHECK(refuseOthers(reader));
    BATHY_CHECK(readShape(reader, config));
    BATHY_CHECK(readRouter(reader, isV2, config));
    if (isV32)
        BATHY_CHECK(readIndexer(reader, config));
    BATHY_TRY(config.rope, readRopeConfig(reader));
    BATHY_TRY(config.ropeInterleaved, reader.boolean("rope_interleave", true));
    BATHY_TRY(config.quant, readQuantConfig(reader));
    BATHY_TRY(config.endTokens, readTokenIds(reader, "eos_token_id", config.vocabSize));
    return config;
}

} // namespace bathy::model::deepseek_v3
