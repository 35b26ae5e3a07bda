#include "engine/sampler/sampler.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace bathy::sampler {
namespace {

Choice sampleAt(const SamplerOptions& options, const std::vector<float>& logits, std::int64_t position = 0,
                const std::vector<TokenId>& history = {}) {
    auto sampler = Sampler::create(options);
    EXPECT_TRUE(sampler);
    const auto choice = sampler->sample(logits, Position{position}, history);
    EXPECT_TRUE(choice);
    return *choice;
}

std::vector<float> logitsOf(const std::vector<double>& probabilities) {
    std::vector<float> logits;
    for (const double p : probabilities)
        logits.push_back(static_cast<float>(std::log(p)));
    return logits;
}

SamplerOptions greedy() {
    SamplerOptions options;
    options.temperature = 0;
    return options;
}

TEST(Sampler, greedy_takesTheLargest_ofEqualOnesTheFirst) {
    const auto choice = sampleAt(greedy(), {1, 5, 5, 2});
    EXPECT_EQ(raw(choice.token), 1);
    EXPECT_EQ(choice.rank, 0U);
    EXPECT_EQ(choice.sampledProbability, 1);
    EXPECT_EQ(choice.afterCount, 1);
    EXPECT_EQ(choice.beforeCount, 4);
    EXPECT_EQ(raw(choice.before[1].token), 2);
}

TEST(Sampler, distribution_manyPositions_followsTheProbabilities) {
    const std::vector<double> expected = {0.5, 0.25, 0.15, 0.1};
    const auto logits = logitsOf(expected);
    SamplerOptions options;
    options.seed = 12345;
    auto sampler = Sampler::create(options);
    ASSERT_TRUE(sampler);
    std::vector<int> counts(expected.size());
    constexpr int kDraws = 20'000;
    for (int i = 0; i < kDraws; ++i)
        ++counts[static_cast<std::size_t>(raw(sampler->sample(logits, Position{i}, {})->token))];
    double chiSquared = 0;
    for (std::size_t i = 0; i < counts.size(); ++i)
        chiSquared += std::pow(counts[i] - kDraws * expected[i], 2) / (kDraws * expected[i]);
    EXPECT_LT(chiSquared, 16.3); // 3 degrees of freedom, p = 0.001
}

TEST(Sampler, seedAndPosition_decideAlone) {
    const std::vector<float> logits(1000, 0.0F);
    SamplerOptions options;
    options.seed = 7;
    EXPECT_EQ(sampleAt(options, logits, 55).token, sampleAt(options, logits, 55).token);
    EXPECT_NE(sampleAt(options, logits, 55).token, sampleAt(options, logits, 56).token);
    options.seed = 8;
    const auto other = sampleAt(options, logits, 55).token;
    options.seed = 7;
    EXPECT_NE(sampleAt(options, logits, 55).token, other);
}

TEST(Sampler, explain_handMade_reportsBothDistributions) {
    SamplerOptions options;
    options.topK = 2;
    options.seed = 1;
    const auto choice = sampleAt(options, logitsOf({0.1, 0.4, 0.2, 0.3}));
    ASSERT_EQ(choice.beforeCount, 4);
    ASSERT_EQ(choice.afterCount, 2);
    EXPECT_EQ(raw(choice.before[0].token), 1);
    EXPECT_NEAR(choice.before[0].probability, 0.4, 1e-6);
    EXPECT_EQ(raw(choice.before[3].token), 0);
    EXPECT_EQ(raw(choice.after[1].token), 3);
    EXPECT_NEAR(choice.after[0].probability, 4.0 / 7, 1e-6);
    EXPECT_NEAR(choice.entropy, 1.2798542258336676, 1e-6);
    const bool first = raw(choice.token) == 1;
    EXPECT_EQ(choice.rank, first ? 0U : 1U);
    EXPECT_NEAR(choice.probability, first ? 0.4 : 0.3, 1e-6);
    EXPECT_NEAR(choice.sampledProbability, first ? 4.0 / 7 : 3.0 / 7, 1e-6);
}

TEST(Sampler, explain_chosenByPenalty_keepsItsRawRank) {
    auto options = greedy();
    options.repetitionPenalty = 10;
    const auto choice = sampleAt(options, {4, 3, 2}, 3, {TokenId{0}, TokenId{1}});
    EXPECT_EQ(raw(choice.token), 2);
    EXPECT_EQ(choice.rank, 2U);
    EXPECT_LT(choice.probability, 0.1F);
    EXPECT_EQ(choice.sampledProbability, 1);
}

TEST(Sampler, repetitionWindow_forgetsWhatIsOlder) {
    auto options = greedy();
    options.repetitionPenalty = 10;
    options.repetitionWindow = 2;
    EXPECT_EQ(raw(sampleAt(options, {4, 3, 2}, 3, {TokenId{0}, TokenId{1}, TokenId{2}}).token), 0);
    options.repetitionWindow = 0;
    EXPECT_EQ(raw(sampleAt(options, {4, 3, 2}, 3, {TokenId{0}}).token), 0);
}

TEST(Sampler, alternatives_largeVocabulary_tenOfEach) {
    std::vector<float> logits(5000);
    for (std::size_t i = 0; i < logits.size(); ++i)
        logits[i] = static_cast<float>(i % 100) * 0.1F;
    SamplerOptions options;
    options.topP = 0.9F;
    const auto choice = sampleAt(options, logits);
    EXPECT_EQ(choice.beforeCount, 10);
    EXPECT_EQ(choice.afterCount, 10);
    for (std::size_t i = 0; i < 10; ++i)
        EXPECT_EQ(raw(choice.before[i].token), static_cast<int>(i) * 100 + 99);
}

TEST(Sampler, banned_tokens_neverComeEvenGreedy) {
    auto options = greedy();
    options.banned = {TokenId{1}, TokenId{2}};
    EXPECT_EQ(raw(sampleAt(options, {1, 5, 5, 2}).token), 3);
}

TEST(Sampler, chain_minPAndTopP_afterTemperature) {
    SamplerOptions options;
    options.temperature = 0.5F; // squares the odds: 0.64, 0.16, 0.04 of 0.84
    options.minP = 0.2F;
    const auto choice = sampleAt(options, logitsOf({0.8, 0.4, 0.2}));
    ASSERT_EQ(choice.afterCount, 2);
    EXPECT_NEAR(choice.after[0].probability, 0.8, 1e-6);
    options.minP = 0;
    options.topP = 0.7F;
    EXPECT_EQ(sampleAt(options, logitsOf({0.8, 0.4, 0.2})).afterCount, 1);
}

TEST(Sampler, sample_nothingLeft_isAnError) {
    auto options = greedy();
    options.banned = {TokenId{0}, TokenId{1}};
    auto sampler = Sampler::create(options);
    ASSERT_TRUE(sampler);
    EXPECT_FALSE(sampler->sample(std::vector<float>{1, 2}, Position{0}, {}));
    EXPECT_FALSE(sampler->sample(std::vector<float>{}, Position{0}, {}));
    EXPECT_FALSE(sampler->sample(std::vector<float>(3, std::nanf("")), Position{0}, {}));
}

TEST(Sampler, create_outOfRange_namesTheOption) {
    const auto whatOf = [](auto change) {
        SamplerOptions options;
        change(options);
        const auto result = Sampler::create(options);
        EXPECT_FALSE(result);
        return result ? std::string() : result.error().what();
    };
    const float nan = std::nanf("");
    EXPECT_NE(whatOf([](auto& o) { o.temperature = -1; }).find("temperature"), std::string::npos);
    EXPECT_NE(whatOf([&](auto& o) { o.temperature = nan; }).find("temperature"), std::string::npos);
    EXPECT_NE(whatOf([](auto& o) { o.topK = -1; }).find("top-k"), std::string::npos);
    EXPECT_NE(whatOf([](auto& o) { o.topP = 0; }).find("top-p"), std::string::npos);
    EXPECT_NE(whatOf([&](auto& o) { o.topP = nan; }).find("top-p"), std::string::npos);
    EXPECT_NE(whatOf([](auto& o) { o.minP = 1.5F; }).find("min-p"), std::string::npos);
    EXPECT_NE(whatOf([](auto& o) { o.repetitionPenalty = 0; }).find("repetition penalty"), std::string::npos);
    EXPECT_NE(whatOf([](auto& o) { o.repetitionWindow = -5; }).find("repetition window"), std::string::npos);
}

TEST(Sampler, drawSeed_isNeverZeroAndChanges) {
    EXPECT_NE(drawSeed(), 0U);
    EXPECT_NE(drawSeed(), drawSeed());
}

} // namespace
} // namespace bathy::sampler
