#include "engine/sampler/stages.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

namespace bathy::sampler {
namespace {

using testing::ElementsAre;

std::vector<Candidate> candidates(const std::vector<float>& logits) {
    return candidatesOf(logits);
}
std::vector<Candidate> normalized(const std::vector<float>& probabilities) {
    std::vector<float> logits;
    for (const float p : probabilities)
        logits.push_back(std::log(p));
    auto result = candidatesOf(logits);
    EXPECT_TRUE(normalize(result));
    return result;
}
std::vector<int> tokens(const std::vector<Candidate>& from) {
    std::vector<int> ids;
    for (const auto& candidate : from)
        ids.push_back(raw(candidate.token));
    return ids;
}
double mass(const std::vector<Candidate>& from) {
    double sum = 0;
    for (const auto& candidate : from)
        sum += candidate.probability;
    return sum;
}
constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Stages, candidates_brokenLogits_areMadeUsable) {
    const auto from = candidates({1, std::nanf(""), kInfinity, -kInfinity});
    EXPECT_EQ(from[1].logit, -kInfinity);
    EXPECT_EQ(from[2].logit, std::numeric_limits<float>::max());
    EXPECT_EQ(from[3].logit, -kInfinity);
}

TEST(Stages, repetition_positiveAndNegative_bothBecomeLessLikely) {
    auto from = candidates({2, -2, 4, 0});
    const std::vector<TokenId> recent = {TokenId{0}, TokenId{1}, TokenId{0}, TokenId{99}, TokenId{-1}};
    penalizeRepetition(from, recent, 2);
    EXPECT_EQ(from[0].logit, 1); // once, although it was there twice
    EXPECT_EQ(from[1].logit, -4);
    EXPECT_EQ(from[2].logit, 4);
}

TEST(Stages, ban_tokens_cannotBeDrawn) {
    auto from = candidates({5, 1, 1});
    const std::vector<TokenId> banned = {TokenId{0}, TokenId{7}, TokenId{-3}};
    ban(from, banned);
    ASSERT_TRUE(normalize(from));
    EXPECT_EQ(from[0].probability, 0);
    EXPECT_DOUBLE_EQ(from[1].probability, 0.5);
}

TEST(Stages, temperature_dividesLogits) {
    auto from = candidates({2, -1});
    applyTemperature(from, 0.5F);
    EXPECT_EQ(from[0].logit, 4);
    EXPECT_EQ(from[1].logit, -2);
}

TEST(Stages, topK_ties_smallerIdsStay) {
    auto from = candidates({1, 3, 3, 2, 3});
    keepTopK(from, 2);
    EXPECT_THAT(tokens(from), ElementsAre(1, 2));
    keepTopK(from, 10);
    EXPECT_EQ(from.size(), 2U);
}

TEST(Stages, normalize_handMade_isTheSoftmax) {
    auto from = candidates({0, std::log(3.0F)});
    ASSERT_TRUE(normalize(from));
    EXPECT_NEAR(from[0].probability, 0.25, 1e-7);
    EXPECT_NEAR(from[1].probability, 0.75, 1e-7);
    auto huge = candidates({kInfinity, 3e38F, -3e38F});
    ASSERT_TRUE(normalize(huge));
    EXPECT_NEAR(mass(huge), 1, 1e-12);
    auto none = candidates({-kInfinity, std::nanf("")});
    EXPECT_FALSE(normalize(none));
    std::vector<Candidate> empty;
    EXPECT_FALSE(normalize(empty));
}

TEST(Stages, topP_smallestSetThatReachesTheMass) {
    auto from = normalized({0.1F, 0.5F, 0.3F, 0.1F});
    keepTopP(from, 0.79);
    EXPECT_THAT(tokens(from), ElementsAre(1, 2));
    EXPECT_NEAR(from[0].probability, 0.625, 1e-6);
    EXPECT_NEAR(mass(from), 1, 1e-12);
    auto one = normalized({0.1F, 0.6F, 0.3F});
    keepTopP(one, 0.0001);
    EXPECT_THAT(tokens(one), ElementsAre(1));
    auto all = normalized({0.25F, 0.25F, 0.25F, 0.25F});
    keepTopP(all, 0.99999);
    EXPECT_EQ(all.size(), 4U);
}

TEST(Stages, minP_shareOfTheLargest) {
    auto from = normalized({0.1F, 0.5F, 0.26F, 0.14F});
    keepMinP(from, 0.5);
    EXPECT_THAT(tokens(from), ElementsAre(1, 2));
    EXPECT_NEAR(mass(from), 1, 1e-12);
    keepMinP(from, 1);
    EXPECT_THAT(tokens(from), ElementsAre(1));
}

TEST(Stages, draw_uniform_picksByRunningSum) {
    const auto from = normalized({0.25F, 0.5F, 0.25F});
    EXPECT_EQ(draw(from, 0), 0U);
    EXPECT_EQ(draw(from, 0.3), 1U);
    EXPECT_EQ(draw(from, 0.74), 1U);
    EXPECT_EQ(draw(from, 0.76), 2U);
}

TEST(Stages, draw_sumShortOfOne_neverPicksTheImpossible) {
    std::vector<Candidate> from = {{TokenId{0}, 0, 0.0}, {TokenId{1}, 0, 0.9}, {TokenId{2}, 0, 0.0}};
    EXPECT_EQ(draw(from, 0), 1U);
    EXPECT_EQ(draw(from, 0.99), 1U);
}

} // namespace
} // namespace bathy::sampler
