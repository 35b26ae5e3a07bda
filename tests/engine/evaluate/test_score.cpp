#include "engine/evaluate/score.h"

#include <gtest/gtest.h>

namespace bathy::evaluate {
namespace {

TEST(Score, Share_andStandardError) {
    EXPECT_DOUBLE_EQ((Score{20, 100}.share()), 0.2);
    EXPECT_DOUBLE_EQ((Score{20, 100}.standardError()), 0.04);
    EXPECT_EQ(Score{}.share(), 0);
    EXPECT_EQ(Score{}.standardError(), 0);
}

// Wilson's interval by hand: (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n), z = 1.959964.
TEST(Wilson95, KnownValues) {
    const auto all = wilson95({10, 10});
    EXPECT_NEAR(all.low, 10 / (10 + 3.8414588), 1e-6);
    EXPECT_NEAR(all.high, 1, 1e-12);
    const auto none = wilson95({0, 10});
    EXPECT_NEAR(none.low, 0, 1e-12);
    EXPECT_NEAR(none.high, 3.8414588 / (10 + 3.8414588), 1e-6);
    const auto half = wilson95({50, 100});
    EXPECT_NEAR(half.low, 0.403830, 1e-5);
    EXPECT_NEAR(half.high, 0.596170, 1e-5);
    EXPECT_EQ(wilson95({}).low, 0);
    EXPECT_EQ(wilson95({}).high, 1);
}

} // namespace
} // namespace bathy::evaluate
