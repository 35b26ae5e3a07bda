#include "engine/evaluate/token_score.h"

#include <array>
#include <cmath>
#include <gtest/gtest.h>

namespace bathy::evaluate {
namespace {

const float kLn3 = std::log(3.0F);

TEST(TokenScore, Surprise_isMinusTheLogOfTheSoftmax) {
    // e^0 : e^ln3 = 1 : 3
    const std::array row{0.0F, kLn3};
    EXPECT_NEAR(surprise(row, TokenId{0}), std::log(4.0), 1e-6);
    EXPECT_NEAR(surprise(row, TokenId{1}), std::log(4.0 / 3.0), 1e-6);
}

TEST(TokenScore, Surprise_survivesLargeLogits) {
    const std::array row{30000.0F, 30000.0F, -30000.0F};
    EXPECT_NEAR(surprise(row, TokenId{1}), std::log(2.0), 1e-6);
    EXPECT_NEAR(surprise(row, TokenId{2}), 60000 + std::log(2.0), 1e-2);
}

TEST(TokenScore, Divergence_isAskedFromTheReferenceAndZeroOfItself) {
    const std::array even{1.0F, 1.0F};
    const std::array uneven{0.0F, kLn3};
    EXPECT_EQ(divergence(uneven, uneven), 0);
    // sum p ln(p/q), p = (1/2, 1/2), q = (1/4, 3/4), and the other way round
    EXPECT_NEAR(divergence(even, uneven), 0.5 * std::log(2.0) + 0.5 * std::log(2.0 / 3.0), 1e-6);
    EXPECT_NEAR(divergence(uneven, even), 0.25 * std::log(0.5) + 0.75 * std::log(1.5), 1e-6);
}

TEST(TokenScore, FirstChoice_ofEqualsIsTheFirst) {
    EXPECT_EQ(firstChoice(std::array{0.0F, 2.0F, 2.0F}), 1);
}

TEST(TokenScore, Quantile_isTheNearestRank) {
    std::vector<double> values;
    for (int i = 200; i > 0; --i)
        values.push_back(i);
    EXPECT_EQ(quantile(values, 0.99), 198);
    EXPECT_EQ(quantile(values, 1), 200);
    EXPECT_EQ(quantile({7}, 0.99), 7);
    EXPECT_EQ(quantile({}, 0.99), 0);
}

} // namespace
} // namespace bathy::evaluate
