#include "engine/model/synth/published_configs.h"

namespace bathy::model::synth {
namespace {

// Keys that V2-Lite, V3 and V3.2 share.
Json commonConfig() {
    return {{"kv_lora_rank", 512},
            {"qk_nope_head_dim", 128},
            {"qk_rope_head_dim", 64},
            {"v_head_dim", 128},
            {"moe_layer_freq", 1},
            {"rope_theta", 10000},
            {"max_position_embeddings", 163840},
            {"rms_norm_eps", 1e-6},
            {"hidden_act", "silu"},
            {"attention_bias", false},
            {"attention_dropout", 0.0},
            {"tie_word_embeddings", false},
            {"torch_dtype", "bfloat16"}};
}

Json yarn(double mscale) {
    return {{"type", "yarn"},          {"factor", 40},   {"original_max_position_embeddings", 4096},
            {"beta_fast", 32},         {"beta_slow", 1}, {"mscale", mscale},
            {"mscale_all_dim", mscale}};
}

Json blocksOf(int side) {
    return {{"activation_scheme", "dynamic"},
            {"fmt", "e4m3"},
            {"quant_method", "fp8"},
            {"weight_block_size", {side, side}}};
}

// Narrow enough for a test, every kind of layer and real groups of experts.
void makeTiny(Json& config) {
    config.update(Json{{"vocab_size", 160},
                       {"hidden_size", 128},
                       {"num_hidden_layers", 4},
                       {"intermediate_size", 192},
                       {"moe_intermediate_size", 64},
                       {"first_k_dense_replace", 1},
                       {"n_routed_experts", 16},
                       {"num_experts_per_tok", 4},
                       {"n_group", 4},
                       {"topk_group", 2},
                       {"num_attention_heads", 4},
                       {"q_lora_rank", 48},
                       {"kv_lora_rank", 64},
                       {"qk_nope_head_dim", 32},
                       {"qk_rope_head_dim", 16},
                       {"v_head_dim", 32},
                       {"max_position_embeddings", 8192}});
    config["rope_scaling"]["original_max_position_embeddings"] = 256;
    config["quantization_config"]["weight_block_size"] = {32, 32};
}

} // namespace

Json v3Config() {
    auto config = commonConfig();
    config.update(Json{{"architectures", {"DeepseekV3ForCausalLM"}},
                       {"model_type", "deepseek_v3"},
                       {"vocab_size", 129280},
                       {"hidden_size", 7168},
                       {"num_hidden_layers", 61},
                       {"intermediate_size", 18432},
                       {"moe_intermediate_size", 2048},
                       {"first_k_dense_replace", 3},
                       {"n_routed_experts", 256},
                       {"n_shared_experts", 1},
                       {"num_experts_per_tok", 8},
                       {"n_group", 8},
                       {"topk_group", 4},
                       {"topk_method", "noaux_tc"},
                       {"scoring_func", "sigmoid"},
                       {"norm_topk_prob", true},
                       {"routed_scaling_factor", 2.5},
                       {"num_attention_heads", 128},
                       {"num_key_value_heads", 128},
                       {"q_lora_rank", 1536},
                       {"num_nextn_predict_layers", 1},
                       {"bos_token_id", 0},
                       {"eos_token_id", 1}});
    config["rope_scaling"] = yarn(1.0);
    config["quantization_config"] = blocksOf(128);
    return config;
}

Json v32Config() {
    auto config = v3Config();
    config.update(Json{{"architectures", {"DeepseekV32ForCausalLM"}},
                       {"model_type", "deepseek_v32"},
                       {"index_n_heads", 64},
                       {"index_head_dim", 128},
                       {"index_topk", 2048}});
    config["quantization_config"]["scale_fmt"] = "ue8m0";
    return config;
}

Json v2LiteConfig() {
    auto config = commonConfig();
    config.update(Json{{"architectures", {"DeepseekV2ForCausalLM"}},
                       {"model_type", "deepseek_v2"},
                       {"vocab_size", 102400},
                       {"hidden_size", 2048},
                       {"num_hidden_layers", 27},
                       {"intermediate_size", 10944},
                       {"moe_intermediate_size", 1408},
                       {"first_k_dense_replace", 1},
                       {"n_routed_experts", 64},
                       {"n_shared_experts", 2},
                       {"num_experts_per_tok", 6},
                       {"n_group", 1},
                       {"topk_group", 1},
                       {"topk_method", "greedy"},
                       {"scoring_func", "softmax"},
                       {"norm_topk_prob", false},
                       {"routed_scaling_factor", 1.0},
                       {"num_attention_heads", 16},
                       {"num_key_value_heads", 16},
                       {"q_lora_rank", nullptr},
                       {"bos_token_id", 100000},
                       {"eos_token_id", 100001}});
    config["rope_scaling"] = yarn(0.707);
    return config;
}

Json tinyV3Config() {
    auto config = v3Config();
    makeTiny(config);
    return config;
}

Json tinyV32Config() {
    auto config = v32Config();
    makeTiny(config);
    config.update(Json{{"index_n_heads", 4}, {"index_head_dim", 32}, {"index_topk", 16}});
    return config;
}

} // namespace bathy::model::synth
