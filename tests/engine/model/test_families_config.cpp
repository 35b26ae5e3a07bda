// config.json of the dense and the DeepSeek-V3 families: what the published models say, and what is refused by name.
#include "engine/model/deepseek_v3/config.h"
#include "engine/model/dense/config.h"
#include "engine/model/rope_tables.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace bathy::model {
namespace {

using Json = nlohmann::json;

Json qwen() {
    return {{"model_type", "qwen2"},     {"vocab_size", 151936},         {"hidden_size", 1536},
            {"num_hidden_layers", 28},   {"num_attention_heads", 12},    {"num_key_value_heads", 2},
            {"intermediate_size", 8960}, {"rms_norm_eps", 1e-6},         {"max_position_embeddings", 131072},
            {"rope_theta", 10000},       {"tie_word_embeddings", false}, {"use_sliding_window", false},
            {"sliding_window", 4096},    {"eos_token_id", 151643}};
}

Json v3() {
    return {{"model_type", "deepseek_v3"},
            {"vocab_size", 129280},
            {"hidden_size", 7168},
            {"num_hidden_layers", 61},
            {"num_attention_heads", 128},
            {"q_lora_rank", 1536},
            {"kv_lora_rank", 512},
            {"qk_nope_head_dim", 128},
            {"qk_rope_head_dim", 64},
            {"v_head_dim", 128},
            {"intermediate_size", 18432},
            {"moe_intermediate_size", 2048},
            {"n_routed_experts", 256},
            {"n_shared_experts", 1},
            {"num_experts_per_tok", 8},
            {"first_k_dense_replace", 3},
            {"n_group", 8},
            {"topk_group", 4},
            {"topk_method", "noaux_tc"},
            {"scoring_func", "sigmoid"},
            {"norm_topk_prob", true},
            {"routed_scaling_factor", 2.5},
            {"rms_norm_eps", 1e-6},
            {"max_position_embeddings", 163840},
            {"rope_theta", 10000},
            {"rope_scaling",
             {{"type", "yarn"},
              {"factor", 40},
              {"original_max_position_embeddings", 4096},
              {"beta_fast", 32},
              {"beta_slow", 1},
              {"mscale", 1.0},
              {"mscale_all_dim", 1.0}}},
            {"num_nextn_predict_layers", 1},
            {"eos_token_id", 1}};
}

TEST(DenseConfig, published_isReadWithItsDefaults) {
    const auto config = dense::parseConfig(qwen().dump());
    ASSERT_TRUE(config) << config.error().what();
    EXPECT_EQ(config->headDim, 128);
    EXPECT_TRUE(config->qkvBias);
    EXPECT_FALSE(config->qkNorm);
    EXPECT_EQ(config->rope.theta, 10000);
    EXPECT_EQ(config->endTokens, std::vector{TokenId{151643}});
}

TEST(DenseConfig, magnitudeOfYarn_followsTheKeysThatAreThere) {
    auto json = qwen();
    json["model_type"] = "qwen3";
    json["rope_scaling"] = {{"rope_type", "yarn"}, {"factor", 4.0}, {"original_max_position_embeddings", 32768}};
    EXPECT_NEAR(dense::parseConfig(json.dump())->rope.magnitude(), 1.138629, 1e-6);
    json["rope_scaling"]["attn_factor"] = 0.8782488562869419;
    EXPECT_NEAR(dense::parseConfig(json.dump())->rope.magnitude(), 1.0, 1e-12);
    json["rope_scaling"]["attention_factor"] = 1.25;
    EXPECT_EQ(dense::parseConfig(json.dump())->rope.magnitude(), 1.25);
    EXPECT_EQ(dense::parseConfig(json.dump())->rope.scoreFactor(), 1.0);
}

TEST(DenseConfig, llama3Divisors_areThoseOfTheSpecification) {
    RopeConfig rope;
    rope.theta = 500000;
    const auto plain = ropeFrequencies(rope, 128);
    rope.kind = RopeScalingKind::Llama3;
    rope.factor = 8;
    rope.originalContext = 8192;
    const auto scaled = ropeFrequencies(rope, 128);
    const double divisors[] = {1, 1.207484, 1.553415, 2.026313, 2.69453, 3.684253, 5.257327, 8, 8};
    for (std::size_t i = 0; i < std::size(divisors); ++i)
        EXPECT_NEAR(plain[28 + i] / scaled[28 + i], divisors[i], 1e-5) << i;
}

TEST(DeepseekV3Config, published_hasTheScalesOfTheSpecification) {
    const auto config = deepseek_v3::parseConfig(v3().dump());
    ASSERT_TRUE(config) << config.error().what();
    EXPECT_NEAR(config->attentionScale(), 0.1352337789, 1e-9);
    EXPECT_EQ(config->rope.magnitude(), 1.0);
    EXPECT_FALSE(config->hasExperts(2));
    EXPECT_TRUE(config->hasExperts(3));
    EXPECT_FALSE(config->indexer);
    const auto frequencies = ropeFrequencies(config->rope, 64);
    EXPECT_NEAR(frequencies[10], 0.0562341325, 1e-8);
    EXPECT_NEAR(frequencies[11], 0.0390069266, 1e-8);
    EXPECT_NEAR(frequencies[31], 3.33380e-6, 1e-10);
}

TEST(DeepseekV3Config, v2Lite_hasOneQueryProjectionAndASoftmaxRouter) {
    auto json = v3();
    json.update(Json{{"model_type", "deepseek_v2"},
                     {"q_lora_rank", nullptr},
                     {"topk_method", "greedy"},
                     {"scoring_func", "softmax"},
                     {"norm_topk_prob", false},
                     {"n_group", 1},
                     {"topk_group", 1}});
    json["rope_scaling"]["mscale"] = json["rope_scaling"]["mscale_all_dim"] = 0.707;
    const auto config = deepseek_v3::parseConfig(json.dump());
    ASSERT_TRUE(config) << config.error().what();
    EXPECT_EQ(config->qLoraRank, 0);
    EXPECT_EQ(config->router.scoring, deepseek_v3::Scoring::Softmax);
    EXPECT_NEAR(config->attentionScale(), 0.1147213868, 1e-9);
}

struct Refusal {
    const char* key;
    Json value;
    const char* word;
};

TEST(DenseConfig, hostileAndUnknown_areRefusedByName) {
    const Refusal kRefusals[] = {{"model_type", "mamba", "model_type"},
                                 {"num_key_value_heads", 5, "num_key_value_heads"},
                                 {"num_attention_heads", 0, "num_attention_heads"},
                                 {"head_dim", 7, "head_dim"},
                                 {"use_sliding_window", true, "use_sliding_window"},
                                 {"hidden_act", "gelu", "hidden_act"},
                                 {"rms_norm_eps", -1.0, "rms_norm_eps"},
                                 {"hidden_size", 1LL << 40, "hidden_size"},
                                 {"eos_token_id", 151936, "eos_token_id"},
                                 {"rope_scaling", {{"rope_type", "longrope"}, {"factor", 2.0}}, "longrope"},
                                 {"rope_scaling", {{"rope_type", "llama3"}, {"factor", 8.0}}, "rope_scaling."}};
    for (const auto& [key, value, word] : kRefusals) {
        auto json = qwen();
        json[key] = value;
        const auto config = dense::parseConfig(json.dump());
        ASSERT_FALSE(config) << key;
        EXPECT_NE(config.error().what().find(word), std::string::npos) << config.error().what();
    }
}

TEST(DeepseekV3Config, hostileAndUnknown_areRefusedByName) {
    const Refusal kRefusals[] = {{"kv_lora_rank", nullptr, "kv_lora_rank"},
                                 {"qk_rope_head_dim", 63, "qk_rope_head_dim"},
                                 {"n_group", 7, "n_group"},
                                 {"topk_group", 9, "topk_group"},
                                 {"num_experts_per_tok", 200, "num_experts_per_tok"},
                                 {"scoring_func", "softmax", "scoring_func"},
                                 {"topk_method", "random", "topk_method"},
                                 {"n_routed_experts", -1, "n_routed_experts"},
                                 {"attention_bias", true, "attention_bias"},
                                 {"tie_word_embeddings", true, "tie_word_embeddings"},
                                 {"quantization_config", {{"quant_method", "gptq"}}, "quant_method"}};
    for (const auto& [key, value, word] : kRefusals) {
        auto json = v3();
        json[key] = value;
        const auto config = deepseek_v3::parseConfig(json.dump());
        ASSERT_FALSE(config) << key;
        EXPECT_NE(config.error().what().find(word), std::string::npos) << config.error().what();
    }
    auto sparse = v3();
    sparse["model_type"] = "deepseek_v32";
    EXPECT_NE(deepseek_v3::parseConfig(sparse.dump()).error().what().find("index_n_heads"), std::string::npos);
}

} // namespace
} // namespace bathy::model
