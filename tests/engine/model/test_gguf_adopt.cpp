// GGUF files of every architecture, as their families see them: config.json keys, names, slices of fused tensors.
#include "engine/model/gguf/adopt.h"

#include "engine/checkpoint/gguf_writer.h"
#include "tests/support/scratch_folder.h"

#include <cstring>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace bathy::model::gguf {
namespace {

using checkpoint::Checkpoint;
using checkpoint::GgufPairs;
using checkpoint::TensorPlan;
using nlohmann::json;

// Float tensors whose values count up from 0.
Checkpoint write(const std::filesystem::path& path, const GgufPairs& pairs, std::vector<TensorPlan> tensors) {
    auto writer = checkpoint::GgufWriter::create(path, pairs, tensors).value();
    for (const auto& tensor : tensors) {
        std::vector<float> values(tensor.byteCount() / 4);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = static_cast<float>(i);
        EXPECT_TRUE(writer.append(std::as_bytes(std::span(values))));
    }
    EXPECT_TRUE(writer.finish());
    return Checkpoint::open(path).value();
}

float firstOf(const Checkpoint& checkpoint, std::string_view name) {
    const auto view = checkpoint.find(name);
    EXPECT_TRUE(view) << name;
    float value = -1;
    if (view)
        std::memcpy(&value, view->bytes.data(), 4);
    return value;
}

std::vector<std::int64_t> shapeOf(const Checkpoint& checkpoint, std::string_view name) {
    const auto view = checkpoint.find(name);
    return view ? std::vector<std::int64_t>(view->shape.begin(), view->shape.end()) : std::vector<std::int64_t>();
}

GgufPairs shared(const std::string& architecture) {
    GgufPairs pairs;
    pairs.string("general.architecture", architecture);
    pairs.u32(architecture + ".block_count", 2);
    pairs.u32(architecture + ".context_length", 4096);
    pairs.u32(architecture + ".embedding_length", 32);
    pairs.u32(architecture + ".attention.head_count", 4);
    pairs.f32(architecture + ".attention.layer_norm_rms_epsilon", 1e-6f);
    return pairs;
}

class Adopt : public testing::Test {
protected:
    std::filesystem::path file(const char* name) const { return folder.path() / name; }
    bathy::test::ScratchFolder folder;
};

TEST_F(Adopt, qwen2_hasTheKeysAndNamesOfHuggingFace) {
    auto pairs = shared("qwen2");
    pairs.u32("qwen2.attention.head_count_kv", 2);
    pairs.u32("qwen2.feed_forward_length", 48);
    pairs.f32("qwen2.rope.freq_base", 1e6f);
    pairs.u32("tokenizer.ggml.bos_token_id", 3);
    pairs.u32("tokenizer.ggml.eos_token_id", 5);
    pairs.u32("tokenizer.ggml.eot_token_id", 7);
    auto checkpoint = write(file("q.gguf"), pairs,
                            {{"token_embd.weight", DType::F32, {16, 32}},
                             {"blk.1.attn_q.bias", DType::F32, {32}},
                             {"blk.1.ffn_down.weight", DType::F32, {32, 48}}});
    const auto adopted = adopt(checkpoint);
    ASSERT_TRUE(adopted) << adopted.error().what();
    const auto config = json::parse(checkpoint.configText());
    EXPECT_EQ(config["model_type"], "qwen2");
    EXPECT_EQ(config["vocab_size"], 16);
    EXPECT_EQ(config["num_hidden_layers"], 2);
    EXPECT_EQ(config["hidden_size"], 32);
    EXPECT_EQ(config["num_key_value_heads"], 2);
    EXPECT_EQ(config["head_dim"], 8);
    EXPECT_EQ(config["rms_norm_eps"], 1e-6);
    EXPECT_EQ(config["rope_theta"], 1e6);
    EXPECT_EQ(config["bos_token_id"], 3);
    EXPECT_EQ(config["eos_token_id"], json({5, 7}));
    EXPECT_FALSE(config.contains("rope_scaling"));
    EXPECT_FALSE(config.contains("rope_interleaved"));
    EXPECT_EQ(shapeOf(checkpoint, "model.layers.1.mlp.down_proj.weight"), (std::vector<std::int64_t>{32, 48}));
    EXPECT_EQ(shapeOf(checkpoint, "model.layers.1.self_attn.q_proj.bias"), (std::vector<std::int64_t>{32}));
    // No output matrix: the embedding serves.
    EXPECT_EQ(checkpoint.indexOf("lm_head.weight"), checkpoint.indexOf("model.embed_tokens.weight"));
}

TEST_F(Adopt, qwen3WithYarn_multipliesTheFactorsOfTheFile) {
    auto pairs = shared("qwen3");
    pairs.u32("qwen3.feed_forward_length", 48);
    pairs.u32("qwen3.attention.key_length", 16);
    pairs.u32("qwen3.attention.value_length", 16);
    pairs.string("qwen3.rope.scaling.type", "yarn");
    pairs.f32("qwen3.rope.scaling.factor", 4.0f);
    pairs.u32("qwen3.rope.scaling.original_context_length", 1024);
    pairs.f32("qwen3.rope.scaling.yarn_attn_factor", 0.8782488562869419f);
    auto checkpoint = write(file("q.gguf"), pairs, {{"token_embd.weight", DType::F32, {16, 32}}});
    ASSERT_TRUE(adopt(checkpoint));
    const auto config = json::parse(checkpoint.configText());
    EXPECT_EQ(config["head_dim"], 16);
    EXPECT_EQ(config["num_key_value_heads"], 4);
    EXPECT_EQ(config["rope_scaling"]["rope_type"], "yarn");
    EXPECT_EQ(config["rope_scaling"]["original_max_position_embeddings"], 1024);
    EXPECT_NEAR(config["rope_scaling"]["attention_factor"].get<double>(), 1.0, 1e-6);
}

TEST_F(Adopt, llama_saysThatItsRowsArePaired_andKeepsItsDivisors) {
    auto pairs = shared("llama");
    pairs.u32("llama.feed_forward_length", 48);
    auto checkpoint = write(file("l.gguf"), pairs, {{"token_embd.weight", DType::F32, {16, 32}}});
    ASSERT_TRUE(adopt(checkpoint));
    EXPECT_EQ(json::parse(checkpoint.configText())["rope_interleaved"], true);
    EXPECT_FALSE(json::parse(checkpoint.configText()).contains("rope_divisors"));

    auto zero = write(file("zero.gguf"), pairs,
                      {{"token_embd.weight", DType::F32, {16, 32}}, {"rope_freqs.weight", DType::F32, {4}}});
    const auto refused = adopt(zero); // the values count up from 0
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().what(), "zero.gguf: tensor rope_freqs.weight holds a divisor that is not positive");
}

GgufPairs v3() {
    auto pairs = shared("deepseek2");
    const auto u32 = [&](const char* key, std::uint32_t value) { pairs.u32(std::string("deepseek2.") + key, value); };
    u32("attention.head_count_kv", 1);
    u32("attention.key_length", 24);
    u32("attention.value_length", 16);
    u32("attention.key_length_mla", 20);
    u32("attention.value_length_mla", 12);
    u32("attention.kv_lora_rank", 16);
    u32("attention.q_lora_rank", 24);
    u32("rope.dimension_count", 8);
    u32("feed_forward_length", 64);
    u32("leading_dense_block_count", 1);
    u32("expert_count", 8);
    u32("expert_used_count", 2);
    u32("expert_shared_count", 1);
    u32("expert_feed_forward_length", 16);
    u32("expert_gating_func", 2);
    u32("expert_group_count", 4);
    u32("expert_group_used_count", 2);
    pairs.f32("deepseek2.expert_weights_scale", 2.5f);
    pairs.boolean("deepseek2.expert_weights_norm", true);
    pairs.string("deepseek2.rope.scaling.type", "yarn");
    pairs.f32("deepseek2.rope.scaling.factor", 40.0f);
    pairs.u32("deepseek2.rope.scaling.original_context_length", 4096);
    pairs.f32("deepseek2.rope.scaling.yarn_log_multiplier", 0.1f);
    return pairs;
}

TEST_F(Adopt, deepseek2_slicesExpertsInPlace_andFlattensHeads) {
    auto checkpoint = write(file("v3.gguf"), v3(),
                            {{"token_embd.weight", DType::F32, {16, 32}},
                             {"blk.1.ffn_gate_exps.weight", DType::F32, {8, 16, 32}},
                             {"blk.0.ffn_gate_up_exps.weight", DType::F32, {8, 32, 32}},
                             {"blk.1.attn_k_b.weight", DType::F32, {4, 16, 12}},
                             {"blk.1.attn_v_b.weight", DType::F32, {4, 12, 16}},
                             {"blk.1.exp_probs_b.bias", DType::F32, {8}}});
    const auto adopted = adopt(checkpoint);
    ASSERT_TRUE(adopted) << adopted.error().what();
    const auto config = json::parse(checkpoint.configText());
    EXPECT_EQ(config["model_type"], "deepseek_v3");
    EXPECT_EQ(config["qk_nope_head_dim"], 12);
    EXPECT_EQ(config["qk_rope_head_dim"], 8);
    EXPECT_EQ(config["v_head_dim"], 12);
    EXPECT_EQ(config["num_key_value_heads"], 4);
    EXPECT_EQ(config["topk_method"], "noaux_tc");
    EXPECT_EQ(config["n_group"], 4);
    EXPECT_EQ(config["topk_group"], 2);
    EXPECT_EQ(config["routed_scaling_factor"], 2.5);
    EXPECT_EQ(config["rope_scaling"]["mscale_all_dim"], 1.0);
    EXPECT_EQ(shapeOf(checkpoint, "model.layers.1.mlp.experts.7.gate_proj.weight"),
              (std::vector<std::int64_t>{16, 32}));
    EXPECT_EQ(firstOf(checkpoint, "model.layers.1.mlp.experts.7.gate_proj.weight"), 7 * 16 * 32);
    EXPECT_EQ(firstOf(checkpoint, "model.layers.0.mlp.experts.2.gate_proj.weight"), 2 * 32 * 32);
    EXPECT_EQ(firstOf(checkpoint, "model.layers.0.mlp.experts.2.up_proj.weight"), 2 * 32 * 32 + 16 * 32);
    EXPECT_EQ(shapeOf(checkpoint, "model.layers.1.self_attn.k_b_proj.weight"), (std::vector<std::int64_t>{64, 12}));
    EXPECT_EQ(shapeOf(checkpoint, "model.layers.1.self_attn.v_b_proj.weight"), (std::vector<std::int64_t>{48, 16}));
    EXPECT_TRUE(checkpoint.find("model.layers.1.mlp.gate.e_score_correction_bias"));
}

TEST_F(Adopt, olderDeepseek2_hasNaiveSizes_andGroupsOfThePublishedModels) {
    auto pairs = shared("deepseek2");
    const auto u32 = [&](const char* key, std::uint32_t value) { pairs.u32(std::string("deepseek2.") + key, value); };
    u32("attention.key_length", 20);
    u32("attention.value_length", 12);
    u32("attention.kv_lora_rank", 16);
    u32("rope.dimension_count", 8);
    u32("feed_forward_length", 64);
    u32("expert_count", 256);
    u32("expert_used_count", 8);
    u32("expert_feed_forward_length", 16);
    u32("expert_gating_func", 2);
    auto checkpoint =
        write(file("old.gguf"), pairs,
              {{"token_embd.weight", DType::F32, {16, 32}}, {"blk.0.attn_kv_b.weight", DType::F32, {96, 16}}});
    ASSERT_TRUE(adopt(checkpoint));
    const auto config = json::parse(checkpoint.configText());
    EXPECT_EQ(config["qk_nope_head_dim"], 12);
    EXPECT_EQ(config["v_head_dim"], 12);
    EXPECT_TRUE(config["q_lora_rank"].is_null());
    EXPECT_EQ(config["n_group"], 8);
    EXPECT_EQ(config["topk_group"], 4);
    EXPECT_TRUE(checkpoint.find("model.layers.0.self_attn.kv_b_proj.weight"));
}

TEST_F(Adopt, nvfp4Scales_followTheirWeights) {
    GgufPairs pairs = v3();
    auto checkpoint = write(file("nv.gguf"), pairs,
                            {{"token_embd.weight", DType::F32, {16, 32}},
                             {"blk.1.ffn_up_exps.weight", DType::F32, {8, 16, 32}},
                             {"blk.1.ffn_up_exps.scale", DType::F32, {8}},
                             {"blk.1.attn_output.weight", DType::F32, {32, 48}},
                             {"blk.1.attn_output.scale", DType::F32, {1}}});
    ASSERT_TRUE(adopt(checkpoint));
    EXPECT_EQ(firstOf(checkpoint, "model.layers.1.mlp.experts.3.up_proj.scale"), 3.0f);
    EXPECT_EQ(firstOf(checkpoint, "model.layers.1.self_attn.o_proj.scale"), 0.0f);
}

TEST_F(Adopt, brokenShapesAndGroups_areNamed) {
    auto pairs = v3();
    auto flat = write(file("flat.gguf"), pairs,
                      {{"token_embd.weight", DType::F32, {16, 32}}, {"blk.1.ffn_up_exps.weight", DType::F32, {8, 32}}});
    EXPECT_NE(adopt(flat).error().what().find("blk.1.ffn_up_exps.weight"), std::string::npos);
    GgufPairs unknown;
    unknown.string("general.architecture", "mamba");
    auto other = write(file("other.gguf"), unknown, {{"token_embd.weight", DType::F32, {16, 32}}});
    const auto refused = adopt(other);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::Unsupported);
    EXPECT_NE(refused.error().what().find("\"mamba\""), std::string::npos) << refused.error().what();
    EXPECT_NE(refused.error().what().find("deepseek4, deepseek2"), std::string::npos) << refused.error().what();
}

} // namespace
} // namespace bathy::model::gguf
