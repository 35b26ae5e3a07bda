#include "engine/model/deepseek_v4/names.h"

#include "engine/checkpoint/safetensors_writer.h"
#include "tests/support/scratch_folder.h"

#include <gtest/gtest.h>

using namespace bathy;
using namespace bathy::model::deepseek_v4;
using bathy::checkpoint::Checkpoint;
using bathy::checkpoint::SafetensorsWriter;
using bathy::checkpoint::TensorPlan;

namespace {

// U8 tensors whose bytes count up from 0.
Result<Checkpoint> open(const test::ScratchFolder& folder, const std::vector<TensorPlan>& plans) {
    const auto path = folder.path() / "model.safetensors";
    auto writer = SafetensorsWriter::create(path, plans);
    for (const auto& plan : plans) {
        std::vector<std::byte> bytes(plan.byteCount());
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<std::byte>(i);
        EXPECT_TRUE(writer->append(bytes));
    }
    EXPECT_TRUE(writer->finish());
    return Checkpoint::open(path);
}

} // namespace

TEST(V4Names, transformersNames_becomeRaw) {
    const std::pair<const char*, const char*> names[] = {
        {"model.embed_tokens.weight", "embed.weight"},
        {"lm_head.weight", "head.weight"},
        {"model.norm.weight", "norm.weight"},
        {"model.hc_head.hc_fn", "hc_head_fn"},
        {"model.hc_head.hc_scale", "hc_head_scale"},
        {"model.layers.3.input_layernorm.weight", "layers.3.attn_norm.weight"},
        {"layers.3.post_attention_layernorm.weight", "layers.3.ffn_norm.weight"},
        {"model.layers.3.attn_hc.base", "layers.3.hc_attn_base"},
        {"model.layers.3.ffn_hc.fn", "layers.3.hc_ffn_fn"},
        {"model.layers.3.self_attn.q_a_proj.weight", "layers.3.attn.wq_a.weight"},
        {"model.layers.3.self_attn.q_a_proj.weight_scale_inv", "layers.3.attn.wq_a.scale"},
        {"model.layers.3.self_attn.q_a_norm.weight", "layers.3.attn.q_norm.weight"},
        {"model.layers.3.self_attn.kv_proj.weight", "layers.3.attn.wkv.weight"},
        {"model.layers.3.self_attn.o_b_proj.weight", "layers.3.attn.wo_b.weight"},
        {"model.layers.3.self_attn.sinks", "layers.3.attn.attn_sink"},
        {"model.layers.3.self_attn.compressor.kv_proj.weight", "layers.3.attn.compressor.wkv.weight"},
        {"model.layers.3.self_attn.compressor.position_bias", "layers.3.attn.compressor.ape"},
        {"model.layers.3.self_attn.compressor.kv_norm.weight", "layers.3.attn.compressor.norm.weight"},
        {"model.layers.3.self_attn.compressor.indexer.gate_proj.weight",
         "layers.3.attn.indexer.compressor.wgate.weight"},
        {"model.layers.3.self_attn.compressor.indexer.position_bias", "layers.3.attn.indexer.compressor.ape"},
        {"model.layers.3.self_attn.compressor.indexer.q_b_proj.weight", "layers.3.attn.indexer.wq_b.weight"},
        {"model.layers.3.self_attn.compressor.indexer.scorer.weights_proj.weight",
         "layers.3.attn.indexer.weights_proj.weight"},
        {"model.layers.3.self_attn.compressor.indexer.weights_proj.weight",
         "layers.3.attn.indexer.weights_proj.weight"},
        {"model.layers.3.mlp.gate.weight", "layers.3.ffn.gate.weight"},
        {"model.layers.3.mlp.gate.e_score_correction_bias", "layers.3.ffn.gate.bias"},
        {"model.layers.3.mlp.gate.tid2eid", "layers.3.ffn.gate.tid2eid"},
        {"model.layers.3.mlp.experts.17.up_proj.weight", "layers.3.ffn.experts.17.w3.weight"},
        {"model.layers.3.mlp.shared_experts.down_proj.weight", "layers.3.ffn.shared_experts.w2.weight"},
    };
    for (const auto& [from, to] : names)
        EXPECT_EQ(rawName(from), to);
}

TEST(V4Names, rawAndUnknownNames_stayAsTheyAre) {
    for (const char* name :
         {"embed.weight", "layers.0.attn.wq_a.scale", "mtp.0.e_proj.weight", "layers.x.mlp.gate.weight",
          "layers..mlp.gate.weight", "layers.1", "", "model", "layers.0.mlp.experts.5"})
        EXPECT_EQ(rawName(name), name);
    EXPECT_EQ(rawName("model.layers.0.attn.wq_a.weight"), "layers.0.attn.wq_a.weight");
}

TEST(V4Names, stackedExperts_areReachedOneByOne) {
    test::ScratchFolder folder;
    auto checkpoint = open(folder, {{"model.layers.1.mlp.experts.gate_up_proj", DType::U8, {2, 6, 2}},
                                    {"model.layers.1.mlp.experts.down_proj", DType::U8, {2, 2, 3}}});
    ASSERT_TRUE(checkpoint);
    ASSERT_TRUE(addRawNames(*checkpoint));
    const auto up = checkpoint->find("layers.1.ffn.experts.1.w3.weight"); // rows 3..5 of expert 1
    ASSERT_TRUE(up);
    EXPECT_EQ(std::vector<std::int64_t>(up->shape.begin(), up->shape.end()), (std::vector<std::int64_t>{3, 2}));
    EXPECT_EQ(up->bytes.size(), 6U);
    EXPECT_EQ(up->bytes[0], std::byte(18));
    EXPECT_EQ(checkpoint->find("layers.1.ffn.experts.0.w1.weight")->bytes[0], std::byte(0));
    const auto down = checkpoint->find("layers.1.ffn.experts.1.w2.weight");
    ASSERT_TRUE(down);
    EXPECT_EQ(down->bytes[0], std::byte(6));
    EXPECT_FALSE(checkpoint->find("layers.1.ffn.experts.2.w1.weight"));
}

TEST(V4Names, stackedExpertsOfOddShape_areRefused) {
    for (const auto& shape :
         {std::vector<std::int64_t>{2, 5, 2}, std::vector<std::int64_t>{4, 6}, std::vector<std::int64_t>{0, 6, 2}}) {
        test::ScratchFolder folder;
        auto checkpoint = open(folder, {{"layers.0.mlp.experts.gate_up_proj", DType::U8, shape}});
        ASSERT_TRUE(checkpoint);
        const auto added = addRawNames(*checkpoint);
        ASSERT_FALSE(added);
        EXPECT_EQ(added.error().code(), ErrorCode::BadFile);
    }
}

TEST(V4Names, oneTensorUnderBothConventions_isRefused) {
    test::ScratchFolder folder;
    auto checkpoint = open(folder, {{"head.weight", DType::U8, {1}}, {"lm_head.weight", DType::U8, {1}}});
    ASSERT_TRUE(checkpoint);
    EXPECT_FALSE(addRawNames(*checkpoint));
}
