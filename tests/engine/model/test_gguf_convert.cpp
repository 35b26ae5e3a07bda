// A model is the same model in every file: logits agree bit for bit where no value was rounded.
#include "engine/model/deepseek_v4/open.h"
#include "engine/model/gguf/convert.h"
#include "tests/engine/model/model_fixture.h"
#include "tests/support/opened_v4.h"

#include <nlohmann/json.hpp>

namespace bathy::model::test {
namespace {

using bathy::test::readGoldenCase;
using bathy::test::ruleTokens;
using gguf::ConvertOptions;
using gguf::ConvertReport;

// T6 with experts of whole 32-element blocks.
std::string tinyConfig() {
    auto config = nlohmann::json::parse(readGoldenCase("v4_tiny/t6").configJson);
    config["moe_intermediate_size"] = 64;
    return config.dump();
}

class Convert : public testing::Test {
protected:
    Convert() : source(tinyConfig(), {}), tokens(ruleTokens(60, 96)) {}

    ConvertReport convert(const std::filesystem::path& from, const std::filesystem::path& to, bool toGguf,
                          std::optional<DType> dense = {}, std::optional<DType> experts = {}) {
        const auto opened = openModel(from);
        if (!opened)
            throw std::runtime_error(opened.error().what());
        ConvertOptions options;
        options.dense = dense;
        options.experts = experts;
        options.pool = &pool;
        const auto report = toGguf ? gguf::toGguf((*opened)->files(), {}, to, options)
                                   : gguf::toSafetensors((*opened)->files(), to, options);
        if (!report)
            throw std::runtime_error(report.error().what());
        return *report;
    }

    Logits logitsOf(const std::filesystem::path& path, std::size_t chunk = 60) {
        LoadOptions options;
        options.pool = &pool;
        auto loaded = loadModel(path, options);
        if (!loaded)
            throw std::runtime_error(loaded.error().what());
        auto state = loaded->model->createState({Precision::Exact});
        Logits logits(tokens.size() * 96);
        for (std::size_t at = 0; at < tokens.size(); at += chunk) {
            const auto count = std::min(chunk, tokens.size() - at);
            ForwardOptions forward;
            forward.logitsAt = LogitsAt::All;
            forward.logits = std::span(logits).subspan(at * 96, count * 96);
            const auto done = loaded->model->forward(**state, std::span(tokens).subspan(at, count), forward);
            if (!done)
                throw std::runtime_error(done.error().what());
        }
        return logits;
    }

    std::filesystem::path file(const char* name) const { return folder.path() / name; }

    ThreadPool pool{2};
    LoadedCase source;
    bathy::test::TemporaryFolder folder;
    std::vector<TokenId> tokens;
};

bool onlyDraft(const std::vector<std::string>& names) {
    return std::all_of(names.begin(), names.end(), [](const auto& name) { return name.starts_with("mtp."); });
}

TEST_F(Convert, ggufAndBack_sameBitsAndSameConfig) {
    const auto there = convert(source.folder(), file("t6.gguf"), true);
    EXPECT_TRUE(there.changed.empty());
    EXPECT_TRUE(onlyDraft(there.leftOut));
    const auto expected = logitsOf(source.folder());
    EXPECT_EQ(logitsOf(file("t6.gguf")), expected);
    const auto back = convert(file("t6.gguf"), file("back"), false);
    EXPECT_TRUE(back.lossless());
    EXPECT_EQ(logitsOf(file("back")), expected);
    const auto opened = bathy::test::asV4(openModel(file("t6.gguf")));
    const auto published = bathy::test::asV4(openModel(source.folder()));
    ASSERT_TRUE(opened && published);
    const auto& ours = *opened;
    const auto& first = *published;
    EXPECT_EQ(ours->config.rmsEps, first->config.rmsEps);
    EXPECT_EQ(ours->config.hcEps, first->config.hcEps);
    EXPECT_EQ(ours->config.layers, first->config.layers);
    EXPECT_EQ(ours->config.eosTokens, first->config.eosTokens);
    EXPECT_EQ(ours->config.yarn.factor, first->config.yarn.factor);
    EXPECT_EQ(ours->config.compressRopeTheta, first->config.compressRopeTheta);
    EXPECT_EQ(ours->config.contextLength, first->config.contextLength);
}

TEST_F(Convert, blocks_multiplyLikeTheValuesTheyStandFor) {
    const auto there = convert(source.folder(), file("q.gguf"), true, DType::Q8_0, DType::MXFP4);
    EXPECT_FALSE(there.changed.empty());
    const auto back = convert(file("q.gguf"), file("floats"), false, DType::F32, DType::F32);
    EXPECT_TRUE(back.lossless());
    const auto blocks = logitsOf(file("q.gguf"));
    EXPECT_EQ(blocks, logitsOf(file("floats")));
    EXPECT_EQ(blocks, logitsOf(file("q.gguf"), 1));
    EXPECT_EQ(blocks, logitsOf(file("q.gguf"), 7));
    EXPECT_NE(blocks, logitsOf(source.folder()));
}

// Rule G25 of the formats: a file that shrinks while it is mapped.
TEST_F(Convert, aGgufFileCutOffInUse_isAnErrorThatNamesIt) {
    convert(source.folder(), file("t6.gguf"), true);
    LoadOptions options;
    options.pool = &pool;
    auto loaded = loadModel(file("t6.gguf"), options);
    ASSERT_TRUE(loaded);
    auto state = loaded->model->createState({Precision::Exact});
    ForwardOptions forward;
    forward.logitsAt = LogitsAt::None;
    ASSERT_TRUE(loaded->model->forward(**state, tokens, forward));
    std::filesystem::resize_file(file("t6.gguf"), std::filesystem::file_size(file("t6.gguf")) / 8);
    const auto cut = loaded->model->forward(**state, tokens, forward);
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code(), ErrorCode::BadFile);
    EXPECT_NE(cut.error().what().find("t6.gguf was cut off"), std::string::npos) << cut.error().what();
    EXPECT_EQ((*state)->length(), std::ssize(tokens));
}

TEST_F(Convert, mxfp4_survivesBothWays) {
    convert(source.folder(), file("a.gguf"), true, DType::F32, DType::MXFP4);
    const auto packed = convert(file("a.gguf"), file("packed"), false);
    EXPECT_TRUE(packed.lossless()); // codes and scales, rearranged
    const auto again = convert(file("packed"), file("b.gguf"), true);
    EXPECT_TRUE(again.lossless());
    const auto a = checkpoint::Checkpoint::open(file("a.gguf"));
    const auto b = checkpoint::Checkpoint::open(file("b.gguf"));
    ASSERT_TRUE(a && b);
    const auto view = a->find("blk.1.ffn_gate_exps.weight");
    ASSERT_TRUE(view);
    EXPECT_EQ(view->dtype, DType::MXFP4);
    EXPECT_TRUE(std::ranges::equal(view->bytes, b->find("blk.1.ffn_gate_exps.weight")->bytes));
}

TEST_F(Convert, rowsOfNoWholeBlocks_becomeF16) {
    convert(source.folder(), file("a.gguf"), true, DType::Q8_0, DType::Q8_0);
    const auto opened = checkpoint::Checkpoint::open(file("a.gguf"));
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->find("blk.0.attn_q_a.weight")->dtype, DType::Q8_0);
    EXPECT_EQ(opened->find("blk.0.attn_norm.weight")->dtype, DType::F32);
    EXPECT_EQ(opened->find("blk.0.ffn_gate_inp.weight")->dtype, DType::F32);
    EXPECT_EQ(opened->find("blk.0.ffn_gate_tid2eid.weight")->dtype, DType::I32);
}

} // namespace
} // namespace bathy::model::test
