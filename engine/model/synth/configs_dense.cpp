#include "engine/model/synth/published_configs.h"

namespace bathy::model::synth {
namespace {

Json commonConfig() {
    return {{"hidden_act", "silu"},         {"max_position_embeddings", 131072}, {"attention_dropout", 0.0},
            {"tie_word_embeddings", false}, {"torch_dtype", "bfloat16"},         {"initializer_range", 0.02}};
}

// The distilled Qwen2 models descend from Qwen2.5-Math, hence a theta of 10,000.
Json qwen2Config() {
    auto config = commonConfig();
    config.update(Json{{"architectures", {"Qwen2ForCausalLM"}},
                       {"model_type", "qwen2"},
                       {"rope_theta", 10000},
                       {"rms_norm_eps", 1e-6},
                       {"use_sliding_window", false},
                       {"bos_token_id", 151643},
                       {"eos_token_id", 151643}});
    return config;
}

// Narrow enough for a test, keys and values shared by groups of heads.
void makeTiny(Json& config) {
    config.update(Json{{"vocab_size", 160},
                       {"hidden_size", 96},
                       {"num_hidden_layers", 3},
                       {"intermediate_size", 160},
                       {"num_attention_heads", 6},
                       {"num_key_value_heads", 2},
                       {"head_dim", 16},
                       {"max_position_embeddings", 8192},
                       {"bos_token_id", 0},
                       {"eos_token_id", 1}});
}

} // namespace

Json r1Qwen15bConfig() {
    auto config = qwen2Config();
    config.update(Json{{"vocab_size", 151936},
                       {"hidden_size", 1536},
                       {"num_hidden_layers", 28},
                       {"intermediate_size", 8960},
                       {"num_attention_heads", 12},
                       {"num_key_value_heads", 2}});
    return config;
}

Json r1Qwen7bConfig() {
    auto config = qwen2Config();
    config.update(Json{{"vocab_size", 152064},
                       {"hidden_size", 3584},
                       {"num_hidden_layers", 28},
                       {"intermediate_size", 18944},
                       {"num_attention_heads", 28},
                       {"num_key_value_heads", 4}});
    return config;
}

Json r1Llama8bConfig() {
    auto config = commonConfig();
    config.update(Json{{"architectures", {"LlamaForCausalLM"}},
                       {"model_type", "llama"},
                       {"vocab_size", 128256},
                       {"hidden_size", 4096},
                       {"num_hidden_layers", 32},
                       {"intermediate_size", 14336},
                       {"num_attention_heads", 32},
                       {"num_key_value_heads", 8},
                       {"rope_theta", 500000},
                       {"rope_scaling",
                        {{"rope_type", "llama3"},
                         {"factor", 8.0},
                         {"low_freq_factor", 1.0},
                         {"high_freq_factor", 4.0},
                         {"original_max_position_embeddings", 8192}}},
                       {"rms_norm_eps", 1e-5},
                       {"attention_bias", false},
                       {"mlp_bias", false},
                       {"bos_token_id", 128000},
                       {"eos_token_id", 128001}});
    return config;
}

Json tinyQwen2Config() {
    auto config = qwen2Config();
    makeTiny(config);
    return config;
}

// The output matrix is the embedding, as in the small published ones.
Json tinyQwen3Config() {
    auto config = commonConfig();
    config.update(Json{{"architectures", {"Qwen3ForCausalLM"}},
                       {"model_type", "qwen3"},
                       {"rope_theta", 1000000},
                       {"rms_norm_eps", 1e-6},
                       {"use_sliding_window", false},
                       {"attention_bias", false}});
    makeTiny(config);
    config["tie_word_embeddings"] = true;
    return config;
}

Json tinyLlamaConfig() {
    auto config = r1Llama8bConfig();
    makeTiny(config);
    config["rope_scaling"]["original_max_position_embeddings"] = 256;
    return config;
}

} // namespace bathy::model::synth
