// Done-when 2 and 3 of the first milestone: the oracle's logits (spec 9.3) and those of Hugging Face transformers.
#include "tests/engine/model/model_fixture.h"

#include <cmath>

namespace bathy::model::test {
namespace {

using bathy::test::GoldenCase;
using bathy::test::readGoldenCase;

constexpr double kOracleTolerance = 2e-4;
constexpr double kTransformersTolerance = 1e-3;

class Oracle : public testing::TestWithParam<const char*> {
protected:
    Oracle() : golden(readGoldenCase(GetParam())), loaded(golden.configJson, golden.rule) {}

    GoldenCase golden;
    LoadedCase loaded;
};

TEST_P(Oracle, Whole_prefill_gives_every_logit) {
    const auto state = loaded.newState();
    const auto logits = loaded.feed(*state, golden.tokens);
    ASSERT_EQ(logits.size(), golden.logits.values.size());
    EXPECT_LE(largestDifference(logits, golden.logits), kOracleTolerance);
    RecordProperty("largest_difference", std::to_string(largestDifference(logits, golden.logits)));
}

TEST_P(Oracle, Any_cut_gives_the_bits_of_the_whole) {
    const auto whole = loaded.feed(*loaded.newState(), golden.tokens);
    for (const std::size_t chunk : {1, 2, 3, 7, 33, 64, 127, 128, 129})
        EXPECT_EQ(loaded.feed(*loaded.newState(), golden.tokens, chunk), whole) << "chunk " << chunk;
}

TEST_P(Oracle, Steps_from_a_position_give_the_bits_of_the_whole) {
    const auto whole = loaded.feed(*loaded.newState(), golden.tokens);
    for (const std::size_t from : {1, 33}) {
        const auto state = loaded.newState();
        auto logits = loaded.feed(*state, std::span(golden.tokens).first(from));
        const auto rest = loaded.feed(*state, std::span(golden.tokens).subspan(from), 1);
        logits.insert(logits.end(), rest.begin(), rest.end());
        EXPECT_EQ(logits, whole) << "from " << from;
    }
}

TEST_P(Oracle, Short_prompts_stand_alone) {
    const auto whole = loaded.feed(*loaded.newState(), golden.tokens);
    const auto vocabulary = static_cast<std::size_t>(loaded.model().vocabularySize());
    for (const std::size_t length : {1, 2, 3, 4, 5, 6, 7, 8, 9, 127, 128, 129, 130}) {
        if (length > golden.tokens.size())
            break;
        auto logits = loaded.feed(*loaded.newState(), std::span(golden.tokens).first(length));
        EXPECT_EQ(logits, Logits(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length * vocabulary)))
            << "length " << length;
    }
}

INSTANTIATE_TEST_SUITE_P(, Oracle, testing::Values("v4_tiny/t6", "v4_tiny/t6b"),
                         [](const auto& test) { return std::string(test.param).substr(8); });

class Transformers : public testing::TestWithParam<const char*> {};

TEST_P(Transformers, Every_logit_and_every_argmax_agree) {
    const auto golden = readGoldenCase(GetParam());
    LoadedCase loaded(golden.configJson, golden.rule);
    ASSERT_GT(golden.tokens.size(), 600u);
    const auto logits = loaded.feed(*loaded.newState(), golden.tokens);
    ASSERT_EQ(logits.size(), golden.logits.values.size());
    EXPECT_LE(largestDifference(logits, golden.logits), kTransformersTolerance);
    EXPECT_EQ(argmaxOf(logits.data(), golden.logits.rows, golden.logits.cols),
              argmaxOf(golden.logits.values.data(), golden.logits.rows, golden.logits.cols));
    EXPECT_EQ(loaded.feed(*loaded.newState(), golden.tokens, 97), logits);
    RecordProperty("largest_difference", std::to_string(largestDifference(logits, golden.logits)));
}

INSTANTIATE_TEST_SUITE_P(, Transformers,
                         testing::Values("v4_transformers/flash_like", "v4_transformers/pro_like",
                                         "v4_transformers/ratio_16"),
                         [](const auto& test) { return std::string(test.param).substr(16); });

} // namespace
} // namespace bathy::model::test
