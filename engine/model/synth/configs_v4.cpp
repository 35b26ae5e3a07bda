#include "engine/model/synth/published_configs.h"

namespace bathy::model::synth {
namespace {

// Keys that the published configs share.
Json commonConfig() {
    return {{"architectures", {"DeepseekV4ForCausalLM"}},
            {"model_type", "deepseek_v4"},
            {"vocab_size", 129280},
            {"num_key_value_heads", 1},
            {"head_dim", 512},
            {"qk_rope_head_dim", 64},
            {"o_lora_rank", 1024},
            {"sliding_window", 128},
            {"rope_theta", 10000},
            {"compress_rope_theta", 160000},
            {"rope_scaling",
             {{"type", "yarn"},
              {"factor", 16},
              {"original_max_position_embeddings", 65536},
              {"beta_fast", 32},
              {"beta_slow", 1}}},
            {"max_position_embeddings", 1048576},
            {"index_n_heads", 64},
            {"index_head_dim", 128},
            {"num_experts_per_tok", 6},
            {"n_shared_experts", 1},
            {"num_hash_layers", 3},
            {"scoring_func", "sqrtsoftplus"},
            {"topk_method", "noaux_tc"},
            {"norm_topk_prob", true},
            {"swiglu_limit", 10.0},
            {"hc_mult", 4},
            {"hc_sinkhorn_iters", 20},
            {"hc_eps", 1e-6},
            {"rms_norm_eps", 1e-6},
            {"num_nextn_predict_layers", 1},
            {"hidden_act", "silu"},
            {"attention_bias", false},
            {"attention_dropout", 0.0},
            {"tie_word_embeddings", false},
            {"bos_token_id", 0},
            {"eos_token_id", 1},
            {"torch_dtype", "bfloat16"}};
}

void addPublishedQuantisation(Json& config) {
    config["expert_dtype"] = "fp4";
    config["quantization_config"] = {{"quant_method", "fp8"},
                                     {"fmt", "e4m3"},
                                     {"scale_fmt", "ue8m0"},
                                     {"activation_scheme", "dynamic"},
                                     {"weight_block_size", {128, 128}}};
}

// Two layers of their own, then CSA and HCA in turn; the last entry is the draft layer's.
Json alternatingRatios(int firstTwo, int layers) {
    Json ratios = Json::array({firstTwo, firstTwo});
    for (int i = 2; i < layers; ++i)
        ratios.push_back(i % 2 == 0 ? 4 : 128);
    ratios.push_back(0);
    return ratios;
}

} // namespace

Json v4FlashConfig() {
    auto config = commonConfig();
    config.update(Json{{"hidden_size", 4096},
                       {"num_hidden_layers", 43},
                       {"num_attention_heads", 64},
                       {"q_lora_rank", 1024},
                       {"o_groups", 8},
                       {"compress_ratios", alternatingRatios(0, 43)},
                       {"index_topk", 512},
                       {"n_routed_experts", 256},
                       {"moe_intermediate_size", 2048},
                       {"routed_scaling_factor", 1.5}});
    addPublishedQuantisation(config);
    return config;
}

Json v4ProConfig() {
    auto config = commonConfig();
    config.update(Json{{"hidden_size", 7168},
                       {"num_hidden_layers", 61},
                       {"num_attention_heads", 128},
                       {"q_lora_rank", 1536},
                       {"o_groups", 16},
                       {"compress_ratios", alternatingRatios(128, 61)},
                       {"index_topk", 1024},
                       {"n_routed_experts", 384},
                       {"moe_intermediate_size", 3072},
                       {"routed_scaling_factor", 2.5}});
    addPublishedQuantisation(config);
    return config;
}

// T6: every layer kind, both routers, both clamps and real index pruning in 6 layers of width 64.
Json tinyV4Config() {
    auto config = commonConfig();
    config.update(Json{{"torch_dtype", "float32"},
                       {"vocab_size", 96},
                       {"hidden_size", 64},
                       {"num_hidden_layers", 6},
                       {"num_attention_heads", 4},
                       {"head_dim", 32},
                       {"qk_rope_head_dim", 16},
                       {"q_lora_rank", 32},
                       {"o_groups", 2},
                       {"o_lora_rank", 16},
                       {"sliding_window", 8},
                       {"compress_ratios", {0, 4, 8, 4, 8, 0, 0}},
                       {"max_position_embeddings", 8192},
                       {"index_n_heads", 8},
                       {"index_head_dim", 32},
                       {"index_topk", 4},
                       {"n_routed_experts", 8},
                       {"num_experts_per_tok", 2},
                       {"moe_intermediate_size", 48},
                       {"routed_scaling_factor", 1.5},
                       {"swiglu_limit", 1.0}});
    config["rope_scaling"]["original_max_position_embeddings"] = 512;
    return config;
}

// T6b: the published ratios, and enough index heads that no two entries score alike.
Json tinyV4bConfig() {
    auto config = tinyV4Config();
    config["compress_ratios"] = {0, 4, 128, 4, 128, 0, 0};
    config["index_n_heads"] = 32;
    return config;
}

} // namespace bathy::model::synth
