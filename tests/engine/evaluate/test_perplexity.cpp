#include "engine/evaluate/perplexity.h"
#include "tests/engine/evaluate/table_model.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bathy::evaluate {
namespace {

using test::TableModel;

constexpr TokenId kBegin{0};

TableModel bigram(std::function<std::vector<float>(TokenId)> row) {
    return {{.vocabulary = 4}, [row](TokenId token, std::int64_t) { return row(token); }};
}

ScoredText textOf(std::vector<int> tokens, std::optional<TokenId> begin = kBegin) {
    ScoredText text;
    for (const auto token : tokens) {
        text.tokens.push_back(static_cast<TokenId>(token));
        text.bytes.push_back(static_cast<std::uint32_t>(token)); // token 2 stands for two bytes
    }
    text.beginToken = begin;
    return text;
}

PerplexityResult measure(model::Model& model, const ScoredText& text, std::int64_t context = 64,
                         model::Model* reference = nullptr) {
    PerplexityOptions options;
    options.context = context;
    const auto result = measurePerplexity(model, reference, text, options);
    EXPECT_TRUE(result) << result.error().what();
    return *result;
}

TEST(Perplexity, EqualLogits_givePerplexityOfTheVocabulary) {
    auto model = bigram([](TokenId) { return std::vector<float>(4, 1.5F); });
    const auto result = measure(model, textOf({1, 2, 3, 1}));
    EXPECT_EQ(result.tokens, 4);
    EXPECT_EQ(result.bytes, 7);
    EXPECT_NEAR(result.perplexity(), 4, 1e-9);
    EXPECT_NEAR(result.bitsPerByte(), 4 * 2.0 / 7, 1e-9); // log2(4) bits for each of four tokens over seven bytes
    EXPECT_FALSE(result.comparison);
}

// After the begin token p(1) = 1/2; after 1 p(2) = 1/8; after anything else all are equal, 1/4.
std::vector<float> halves(TokenId token) {
    const float ln2 = std::log(2.0F);
    if (token == kBegin)
        return {-ln2 * 3, -ln2, -ln2 * 2, -ln2 * 3}; // 1/8 1/2 1/4 1/8
    if (token == TokenId{1})
        return {-ln2, -ln2 * 2, -ln2 * 3, -ln2 * 3}; // 1/2 1/4 1/8 1/8
    return {0, 0, 0, 0};
}

TEST(Perplexity, KnownProbabilities_addUp) {
    auto model = bigram(halves);
    const auto result = measure(model, textOf({1, 2, 3}));
    const double bits = 1 + 3 + 2;
    EXPECT_NEAR(result.nats, bits * std::log(2.0), 1e-6);
    EXPECT_NEAR(result.bitsPerByte(), bits / 6, 1e-6);
    EXPECT_NEAR(result.perplexity(), 4, 1e-5); // 2^(6/3)
}

TEST(Perplexity, WithoutBeginToken_theFirstTokenAndItsBytesDoNotCount) {
    auto model = bigram(halves);
    const auto result = measure(model, textOf({1, 2, 3}, std::nullopt));
    EXPECT_EQ(result.tokens, 2);
    EXPECT_EQ(result.bytes, 5);
    EXPECT_NEAR(result.nats, (3 + 2) * std::log(2.0), 1e-6);
}

TEST(Perplexity, LongText_isFedInOverlappingWindowsThatOpenWithTheBeginToken) {
    // p(1) is 1/2^n after n tokens in memory, so the sum shows how much each token had before it.
    TableModel model({.vocabulary = 2}, [](TokenId, std::int64_t length) {
        const double p = std::pow(0.5, length);
        return std::vector<float>{static_cast<float>(std::log(1 - p)), static_cast<float>(std::log(p))};
    });
    const auto result = measure(model, textOf(std::vector<int>(11, 1)), 9);
    EXPECT_EQ(result.tokens, 11);
    // First window: after 1..8 tokens; second [4, 11): tokens 8, 9, 10 after the begin token and 4, 5, 6 others.
    EXPECT_NEAR(result.nats / std::log(2.0), 36 + 5 + 6 + 7, 1e-3);
    using Piece = TableModel::Piece;
    EXPECT_THAT(model.pieces, testing::ElementsAre(Piece{0, 8, true}, Piece{0, 4, false}, Piece{4, 3, true}));
}

TEST(Perplexity, Reference_isComparedPositionByPosition) {
    auto model = bigram([](TokenId) { return std::vector<float>(4, 0.0F); });
    auto reference = bigram(halves);
    const auto result = measure(model, textOf({1, 2, 3}), 64, &reference);
    ASSERT_TRUE(result.comparison);
    // D((1/8 1/2 1/4 1/8) || 1/4 each) = ln 4 - entropy; the entropy is 7/4 bits, also of the permuted row; then 0.
    const double kl = 0.25 * std::log(2.0);
    EXPECT_NEAR(result.comparison->meanKl, 2 * kl / 3, 1e-6);
    EXPECT_NEAR(result.comparison->p99Kl, kl, 1e-6);
    EXPECT_NEAR(result.comparison->sameFirstChoice, 2.0 / 3, 1e-9); // argmax 1, 0, 0 against 0, 0, 0
}

TEST(Perplexity, ReferenceOfItself_isNoDifference) {
    auto model = bigram(halves);
    auto same = bigram(halves);
    const auto result = measure(model, textOf({1, 2, 3, 2, 1}), 64, &same);
    EXPECT_EQ(result.comparison->meanKl, 0);
    EXPECT_EQ(result.comparison->p99Kl, 0);
    EXPECT_EQ(result.comparison->sameFirstChoice, 1);
}

TEST(Perplexity, Stopped_keepsWhatWasScored) {
    auto model = bigram(halves);
    std::stop_source stop;
    PerplexityOptions options;
    options.context = 9;
    options.stop = stop.get_token();
    options.progress = [&](std::int64_t scored, std::int64_t total) {
        EXPECT_EQ(scored, 8);
        EXPECT_EQ(total, 30);
        stop.request_stop();
    };
    const auto result = measurePerplexity(model, nullptr, textOf(std::vector<int>(30, 1)), options);
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->stopped);
    EXPECT_EQ(result->tokens, 8);
}

TEST(Perplexity, WrongContextOrVocabulary_isRefused) {
    auto model = bigram(halves);
    TableModel other({.vocabulary = 5}, [](TokenId, std::int64_t) { return std::vector<float>(5); });
    PerplexityOptions options;
    options.context = 4097; // one more than the model has
    EXPECT_THAT(measurePerplexity(model, nullptr, textOf({1}), options).error().what(), testing::HasSubstr("8..4096"));
    options.context = 64;
    EXPECT_THAT(measurePerplexity(model, &other, textOf({1}), options).error().what(), testing::HasSubstr("5 tokens"));
}

} // namespace
} // namespace bathy::evaluate
