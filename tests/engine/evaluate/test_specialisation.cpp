#include "engine/evaluate/specialisation.h"
#include "tests/support/fake_model.h"

#include <cmath>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

namespace bathy::evaluate {
namespace {

constexpr int kExperts = 8;
constexpr std::size_t kTokens = 16 * kSampleTokens;

// One layer, one pick. Tokens are drawn from `vocabulary`, experts by `choose`.
PickTable table(std::vector<int> vocabulary, unsigned seed,
                const std::function<int(int token, std::mt19937&)>& choose) {
    PickTable made;
    made.experts = kExperts;
    made.picks = 1;
    made.layers = {LayerId{2}};
    std::mt19937 random(seed);
    for (std::size_t i = 0; i < kTokens; ++i) {
        const auto token = vocabulary[random() % vocabulary.size()];
        made.tokens.push_back(static_cast<TokenId>(token));
        made.chosen.push_back(static_cast<std::uint16_t>(choose(token, random)));
    }
    return made;
}

int byTokenAlone(int token, std::mt19937& /*random*/) {
    return token % kExperts;
}
// With one chance in `odds` the favourite, else any.
std::function<int(int, std::mt19937&)> mostly(int favourite, unsigned odds = 2) {
    return [favourite, odds](int /*token*/, std::mt19937& random) {
        return random() % odds == 0 ? favourite : static_cast<int>(random() % kExperts);
    };
}

TEST(GuessDomains, ExpertsOfTheirOwn_areSeenAtAGlance) {
    const auto guess = guessDomains({table({1}, 1, mostly(0)), table({1}, 2, mostly(5))});
    EXPECT_EQ(guess.samples, 32);
    EXPECT_EQ(guess.chance, 0.5);
    EXPECT_EQ(guess.fromSample, 1);
    EXPECT_GT(guess.fromGlance, 0.95);
}

TEST(GuessDomains, SlightPreference_isSeenInWholeSamplesOnly) {
    const auto guess = guessDomains({table({1}, 1, mostly(0, 10)), table({1}, 2, mostly(5, 10))});
    EXPECT_GT(guess.fromSample, 0.9);
    EXPECT_LT(guess.fromGlance, 0.85);
}

TEST(GuessDomains, NoDifference_isAGuess) {
    const auto guess = guessDomains({table({1}, 1, mostly(0)), table({1}, 2, mostly(0))});
    EXPECT_LT(guess.fromSample, 0.8);
    EXPECT_NEAR(guess.fromGlance, 0.5, 0.1);
    EXPECT_EQ(guessDomains({}).samples, 0);
}

TEST(DomainDistances, ApartAndAlike) {
    const auto apart = domainDistances({table({1}, 1, mostly(0)), table({1}, 2, mostly(5))});
    ASSERT_EQ(apart.size(), 1U);
    EXPECT_EQ(apart[0].layer, LayerId{2});
    // Shares 9/16 and 1/16 swapped on two experts, 1/16 on six: JSD = (10/16) (1 - H(0.9, 0.1)) bits.
    const double entropy = -0.9 * std::log2(0.9) - 0.1 * std::log2(0.1);
    EXPECT_NEAR(apart[0].between, std::sqrt(10.0 / 16 * (1 - entropy)), 0.02);
    EXPECT_LT(apart[0].within, 0.05);
    EXPECT_GT(apart[0].ratio(), 10);
    EXPECT_LT(domainDistances({table({1}, 1, mostly(0)), table({1}, 2, mostly(0))})[0].ratio(), 2);
    EXPECT_TRUE(domainDistances({table({1}, 1, mostly(0))}).empty());
}

TEST(ExpertLoad, MaxOverMeanAndDeadExperts) {
    const auto even = expertLoad({table({0, 1, 2, 3, 4, 5, 6, 7}, 1, byTokenAlone)});
    EXPECT_NEAR(even[0].maxOverMean, 1, 0.1);
    EXPECT_EQ(even[0].dead, 0);
    const auto uneven = expertLoad({table({1}, 1, byTokenAlone), table({2}, 1, byTokenAlone)});
    EXPECT_NEAR(uneven[0].maxOverMean, 4, 1e-9) << "half of the tokens, eight experts";
    EXPECT_EQ(uneven[0].dead, 6);
    EXPECT_TRUE(expertLoad({}).empty());
}

TEST(FavouriteExperts, AreThoseUsedMoreThanElsewhere) {
    const auto favourites = favouriteExperts({table({1}, 1, mostly(3)), table({1}, 2, mostly(6))}, 1, 1);
    ASSERT_EQ(favourites.size(), 1U);
    EXPECT_EQ(favourites[0], (ExpertRef{LayerId{2}, ExpertId{6}}));
    EXPECT_EQ(favouriteExperts({table({1}, 1, mostly(3))}, 0, 99).size(), 8U);
}

TEST(RecordPicks, KeepsTheLayersAskedForInOrder) {
    test::FakeModel model({.vocabulary = 64, .layers = 3, .experts = 8, .expertsPerToken = 2});
    const Domain domain{"d", {std::vector<TokenId>(300, TokenId{5}), {TokenId{9}, TokenId{10}}}};
    EXPECT_EQ(domain.tokens(), 302);
    std::int64_t last = 0;
    const auto picks = recordPicks(model, domain, {LayerId{0}, LayerId{2}}, 1000, [&](auto done) { last = done; }, {});
    ASSERT_TRUE(picks);
    EXPECT_EQ(last, 302);
    ASSERT_EQ(picks->tokens.size(), 302U);
    // The fake model sends token t in layer l to experts (t + l) % 8 and the next one.
    EXPECT_THAT(picks->at(0, 0), testing::ElementsAre(5, 6));
    EXPECT_THAT(picks->at(299, 1), testing::ElementsAre(7, 0));
    EXPECT_THAT(picks->at(301, 1), testing::ElementsAre(4, 5));
    EXPECT_EQ(recordPicks(model, domain, {LayerId{0}}, 7, {}, {})->tokens.size(), 7U);
}

} // namespace
} // namespace bathy::evaluate
