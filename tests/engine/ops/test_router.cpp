#include "engine/ops/router.h"
#include "tests/engine/ops/ops_fixture.h"

#include <algorithm>
#include <numeric>

namespace bathy::ops {
namespace {

using test::OpsFixture;
using test::Random;

double score(double logit) {
    return std::sqrt(std::log1p(std::exp(logit)));
}

TEST(Router, bias_decidesTheChoice_butNotTheWeights) {
    OpsFixture fixture;
    const std::vector<float> logits{2.0f, 1.0f, 0.0f, -1.0f};
    const std::vector<float> bias{-10.0f, 0.0f, 0.0f, 10.0f};
    std::int32_t chosen[2];
    float weights[2];
    routeByScore(fixture.context, {4, 2, 1.5f, bias.data()}, logits.data(), 1, chosen, weights);
    EXPECT_EQ(chosen[0], 3);
    EXPECT_EQ(chosen[1], 1);
    const double sum = score(-1) + score(1);
    EXPECT_NEAR(weights[0], 1.5 * score(-1) / sum, 1e-6);
    EXPECT_NEAR(weights[1], 1.5 * score(1) / sum, 1e-6);
}

TEST(Router, ties_goToTheLowerExpert) {
    OpsFixture fixture;
    const std::vector<float> logits(8, 0.5f);
    std::int32_t chosen[3];
    float weights[3];
    routeByScore(fixture.context, {8, 3, 1.0f, nullptr}, logits.data(), 1, chosen, weights);
    EXPECT_EQ(std::vector<std::int32_t>(chosen, chosen + 3), (std::vector<std::int32_t>{0, 1, 2}));
    EXPECT_FLOAT_EQ(weights[2], 1.0f / 3);
}

TEST(Router, random_equalsASort_manyTokens) {
    SCOPED_TRACE(test::seedNote());
    OpsFixture fixture;
    constexpr std::int64_t kTokens = 40;
    constexpr std::int64_t kExperts = 256;
    const auto logits = Random(1).normals(kTokens * kExperts, 2.0f);
    const auto bias = Random(2).normals(kExperts, 0.3f);
    std::vector<std::int32_t> chosen(kTokens * 6);
    std::vector<float> weights(kTokens * 6);
    routeByScore(fixture.context, {kExperts, 6, 2.5f, bias.data()}, logits.data(), kTokens, chosen.data(),
                 weights.data());
    for (std::size_t t = 0; t < kTokens; ++t) {
        std::vector<std::int32_t> order(kExperts);
        std::iota(order.begin(), order.end(), 0);
        const auto key = [&](std::int32_t e) {
            return score(logits[t * kExperts + static_cast<std::size_t>(e)]) + bias[static_cast<std::size_t>(e)];
        };
        std::sort(order.begin(), order.end(), [&](auto a, auto b) { return key(a) > key(b); });
        for (std::size_t i = 0; i < 6; ++i)
            ASSERT_NEAR(key(chosen[t * 6 + i]), key(order[i]), 1e-5);
        EXPECT_NEAR(std::accumulate(weights.begin() + static_cast<std::ptrdiff_t>(t * 6),
                                    weights.begin() + static_cast<std::ptrdiff_t>(t * 6 + 6), 0.0),
                    2.5, 1e-5);
    }
}

TEST(Router, extremeLogits_stayFinite) {
    OpsFixture fixture;
    const float inf = std::numeric_limits<float>::infinity();
    for (const auto& logits : {std::vector<float>{-1e4f, -1e4f, -1e4f}, std::vector<float>{1e4f, -1e4f, 0.0f},
                               std::vector<float>{-inf, -inf, -inf}, std::vector<float>{std::nanf(""), 1.0f, 2.0f}}) {
        std::int32_t chosen[2];
        float weights[2];
        routeByScore(fixture.context, {3, 2, 1.0f, nullptr}, logits.data(), 1, chosen, weights);
        EXPECT_NE(chosen[0], chosen[1]);
        for (int i = 0; i < 2; ++i) {
            EXPECT_GE(chosen[i], 0);
            EXPECT_LT(chosen[i], 3);
            EXPECT_TRUE(std::isfinite(weights[i]));
        }
    }
}

TEST(Router, byTable_keepsTheGivenExpertsAndOrder) {
    OpsFixture fixture;
    const std::vector<float> logits{2.0f, 1.0f, 0.0f, -1.0f, 0.1f, 0.2f, 0.3f, 0.4f};
    const std::vector<std::int32_t> chosen{3, 0, 1, 2};
    float weights[4];
    routeByTable(fixture.context, {4, 2, 1.5f, nullptr}, logits.data(), 2, chosen.data(), weights);
    EXPECT_NEAR(weights[0], 1.5 * score(-1) / (score(-1) + score(2)), 1e-6);
    EXPECT_NEAR(weights[2], 1.5 * score(0.2) / (score(0.2) + score(0.3)), 1e-6);
}

TEST(Router, bannedExperts_leaveTheirPlaceToTheNextBest) {
    OpsFixture fixture;
    const std::vector<float> logits{2.0f, 1.0f, 0.0f, -1.0f};
    const std::vector<std::uint8_t> banned{1, 0, 0, 0};
    std::int32_t chosen[2];
    float weights[2];
    routeByScore(fixture.context, {4, 2, 1.5f, nullptr, banned.data()}, logits.data(), 1, chosen, weights);
    EXPECT_EQ(chosen[0], 1);
    EXPECT_EQ(chosen[1], 2);
    EXPECT_NEAR(weights[0], 1.5 * score(1) / (score(1) + score(0)), 1e-6);
    EXPECT_NEAR(weights[1], 1.5 * score(0) / (score(1) + score(0)), 1e-6);
}

TEST(Router, bansThatLeaveFewerThanAreChosen_leavePlacesEmpty) {
    OpsFixture fixture;
    const std::vector<float> logits{2.0f, -std::numeric_limits<float>::infinity(), 0.0f, -1.0f};
    std::int32_t chosen[2];
    float weights[2];
    const std::vector<std::uint8_t> allButOne{1, 0, 1, 1};
    routeByScore(fixture.context, {4, 2, 1.5f, nullptr, allButOne.data()}, logits.data(), 1, chosen, weights);
    EXPECT_EQ(chosen[0], 1);
    EXPECT_EQ(chosen[1], -1);
    EXPECT_FLOAT_EQ(weights[0], 1.5f); // alone, however weak
    EXPECT_EQ(weights[1], 0.0f);
    const std::vector<std::uint8_t> all{1, 1, 1, 1};
    routeByScore(fixture.context, {4, 2, 1.5f, nullptr, all.data()}, logits.data(), 1, chosen, weights);
    EXPECT_EQ(chosen[0], -1);
    EXPECT_EQ(chosen[1], -1);
    EXPECT_EQ(weights[0], 0.0f);
}

TEST(Router, byTable_emptyPlacesLeaveTheWholeToTheOthers) {
    OpsFixture fixture;
    const std::vector<float> logits{2.0f, 1.0f, 0.0f, -1.0f, 0.1f, 0.2f, 0.3f, 0.4f};
    const std::vector<std::int32_t> chosen{-1, 0, 1, 2};
    float weights[4];
    routeByTable(fixture.context, {4, 2, 1.5f, nullptr}, logits.data(), 2, chosen.data(), weights);
    EXPECT_EQ(weights[0], 0.0f);
    EXPECT_FLOAT_EQ(weights[1], 1.5f);
    EXPECT_NEAR(weights[2], 1.5 * score(0.2) / (score(0.2) + score(0.3)), 1e-6);
}

TEST(Router, groups_keepTheBestByTheSumOfTwo_orByTheBest) {
    OpsFixture fixture;
    // Three groups of three: the best two of the first add up to more than those of the others, its best is the least.
    const std::vector<float> logits{2.0f, 1.9f, -3.0f, 2.5f, -4.0f, -4.0f, 2.2f, 0.0f, -1.0f};
    std::int32_t chosen[3];
    float weights[3];
    RouterSpec spec{9, 3, 2.0f};
    spec.score = ExpertScore::Sigmoid;
    spec.groups = {3, 1, GroupScore::TopTwoSum};
    routeByScore(fixture.context, spec, logits.data(), 1, chosen, weights);
    EXPECT_EQ(std::vector<std::int32_t>(chosen, chosen + 3), (std::vector<std::int32_t>{0, 1, 2}));
    EXPECT_NEAR(weights[0] + weights[1] + weights[2], 2.0, 1e-6);
    spec.score = ExpertScore::Softmax;
    spec.groups.score = GroupScore::Largest;
    spec.normalise = false;
    routeByScore(fixture.context, spec, logits.data(), 1, chosen, weights);
    EXPECT_EQ(std::vector<std::int32_t>(chosen, chosen + 3), (std::vector<std::int32_t>{3, 4, 5}));
    double sum = 0;
    for (const float logit : logits)
        sum += std::exp(static_cast<double>(logit));
    EXPECT_NEAR(weights[0], 2 * std::exp(2.5) / sum, 1e-6);
}

TEST(Router, groups_areMaskedEvenWhereEveryBiasedScoreIsNegative) {
    OpsFixture fixture;
    const std::vector<float> logits{1.0f, 1.0f, -2.0f, -2.0f};
    const std::vector<float> bias(4, -5.0f);
    std::int32_t chosen[2];
    float weights[2];
    RouterSpec spec{4, 2, 1.0f, bias.data()};
    spec.score = ExpertScore::Sigmoid;
    spec.groups = {2, 1, GroupScore::TopTwoSum};
    routeByScore(fixture.context, spec, logits.data(), 1, chosen, weights);
    EXPECT_EQ(chosen[0], 0);
    EXPECT_EQ(chosen[1], 1);
}

} // namespace
} // namespace bathy::ops
