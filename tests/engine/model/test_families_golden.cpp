// Logits of Hugging Face transformers for small models of the dense and the DeepSeek-V3 families, two and more of each
// architecture; those of V3.2 also agree with the float64 oracle of the published mathematics (tests/golden).
#include "tests/engine/model/model_fixture.h"
#include "tests/support/rule_model.h"

namespace bathy::model::test {
namespace {

using bathy::test::GoldenCase;
using bathy::test::readGoldenCase;

constexpr double kTolerance = 1e-3;

class Families : public testing::TestWithParam<const char*> {
protected:
    Families()
        : golden(readGoldenCase(std::string("families/") + GetParam())),
          loaded([&](const auto& folder) { bathy::test::writeFamilyModel(folder, golden.configJson, golden.rule); }) {}

    GoldenCase golden;
    LoadedCase loaded;
};

TEST_P(Families, Whole_prefill_gives_every_logit_and_every_argmax) {
    ASSERT_GT(golden.tokens.size(), 300u);
    const auto logits = loaded.feed(*loaded.newState(), golden.tokens);
    ASSERT_EQ(logits.size(), golden.logits.values.size());
    EXPECT_LE(largestDifference(logits, golden.logits), kTolerance);
    EXPECT_EQ(argmaxOf(logits.data(), golden.logits.rows, golden.logits.cols),
              argmaxOf(golden.logits.values.data(), golden.logits.rows, golden.logits.cols));
    RecordProperty("largest_difference", std::to_string(largestDifference(logits, golden.logits)));
}

TEST_P(Families, Any_cut_gives_the_bits_of_the_whole) {
    const auto whole = loaded.feed(*loaded.newState(), golden.tokens);
    for (const std::size_t chunk : {1, 7, 33, 97})
        EXPECT_EQ(loaded.feed(*loaded.newState(), golden.tokens, chunk), whole) << "chunk " << chunk;
}

TEST_P(Families, Taken_back_and_fed_again_gives_the_same_bits_as_a_fork_does) {
    const auto vocabulary = static_cast<std::ptrdiff_t>(loaded.model().vocabularySize());
    const auto state = loaded.newState();
    const auto whole = loaded.feed(*state, golden.tokens);
    for (const std::int64_t position : {250, 33, 1}) {
        const auto rest = std::span(golden.tokens).subspan(static_cast<std::size_t>(position));
        const Logits expected(whole.begin() + position * vocabulary, whole.end());
        const auto copy = state->fork(position);
        ASSERT_TRUE(copy) << copy.error().what();
        EXPECT_EQ(loaded.feed(**copy, rest), expected) << "fork at " << position;
        EXPECT_EQ(state->truncate(position), position);
        EXPECT_EQ(loaded.feed(*state, rest), expected) << "position " << position;
    }
}

// Rounded rows move a score by so little, but a choice of experts that hangs on it moves a whole token.
TEST_P(Families, Bf16_rows_stay_near) {
    const auto state = loaded.newState(Precision::Fast);
    EXPECT_EQ(state->kvFormat(), KvFormat::BF16);
    const auto logits = loaded.feed(*state, golden.tokens, 64);
    double squares = 0;
    double whole = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        squares += std::pow(static_cast<double>(logits[i]) - golden.logits.values[i], 2);
        whole += std::pow(static_cast<double>(golden.logits.values[i]), 2);
    }
    EXPECT_GT(squares, 0);
    // Index keys on the FP8 grid rank near equals otherwise, and in a model of chance nearly all are.
    const bool indexed = golden.configJson.find("index_topk") != std::string::npos;
    EXPECT_LE(std::sqrt(squares / whole), indexed ? 0.6 : 0.2);
    RecordProperty("relative_difference", std::to_string(std::sqrt(squares / whole)));
}

INSTANTIATE_TEST_SUITE_P(, Families,
                         testing::Values("qwen2_math", "qwen2_tied", "qwen3_plain", "qwen3_yarn", "llama_3",
                                         "llama_plain", "v2_lite", "v2_groups", "v3_shaped", "v3_small", "v32_sparse",
                                         "v32_wide"),
                         [](const auto& test) { return std::string(test.param); });

} // namespace
} // namespace bathy::model::test
