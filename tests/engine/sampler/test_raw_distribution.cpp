#include "engine/sampler/raw_distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

namespace bathy::sampler {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(RawDistribution, anyLogits_equalTheSoftmaxInDouble) {
    std::mt19937 random(3);
    std::normal_distribution<float> normal(0, 4);
    std::vector<float> logits(5000);
    std::generate(logits.begin(), logits.end(), [&] { return normal(random); });
    logits[17] = logits[4000]; // equal ones: the smaller id first
    std::vector<std::size_t> order(logits.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return logits[a] > logits[b]; });
    double sum = 0;
    for (const float logit : logits)
        sum += std::exp(static_cast<double>(logit));
    double entropy = 0;
    for (const float logit : logits)
        entropy -= std::exp(static_cast<double>(logit)) / sum * (static_cast<double>(logit) - std::log(sum));

    const RawDistribution distribution(logits);
    EXPECT_NEAR(distribution.entropy(), entropy, 1e-6);
    Alternatives alternatives;
    ASSERT_EQ(distribution.alternatives(alternatives), alternatives.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        const TokenId token{static_cast<std::int32_t>(order[i])};
        ASSERT_EQ(distribution.rankOf(token), i);
        const double probability = std::exp(static_cast<double>(logits[order[i]])) / sum;
        ASSERT_NEAR(distribution.probabilityOf(token), probability, 1e-6 * probability);
        if (i < alternatives.size()) {
            EXPECT_EQ(alternatives[i].token, token);
        }
    }
}

TEST(RawDistribution, brokenLogits_areMadeUsable) {
    const std::vector<float> logits{std::nanf(""), -kInfinity, kInfinity, 1};
    EXPECT_EQ(mostLikely(logits), TokenId{2});
    const RawDistribution distribution(logits);
    EXPECT_EQ(distribution.probabilityOf(TokenId{2}), 1);
    EXPECT_EQ(distribution.entropy(), 0);
    Alternatives alternatives;
    EXPECT_EQ(distribution.alternatives(alternatives), 1); // none without probability
}

TEST(RawDistribution, nothingFinite_isEmpty) {
    const std::vector<float> logits{std::nanf(""), -kInfinity};
    EXPECT_TRUE(RawDistribution(logits).empty());
    EXPECT_EQ(mostLikely(logits), std::nullopt);
}

TEST(RawDistribution, fewerThanTheAlternatives_allOfThem) {
    const std::vector<float> logits{1, 3, 2, 3};
    Alternatives alternatives;
    ASSERT_EQ(RawDistribution(logits).alternatives(alternatives), 4);
    EXPECT_EQ(alternatives[0].token, TokenId{1});
    EXPECT_EQ(alternatives[1].token, TokenId{3});
    EXPECT_EQ(alternatives[2].token, TokenId{2});
    EXPECT_EQ(alternatives[3].token, TokenId{0});
}

} // namespace
} // namespace bathy::sampler
