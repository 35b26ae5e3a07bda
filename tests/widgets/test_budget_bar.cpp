#include "widgets/budget/budget_bar_layout.h"

#include <gtest/gtest.h>

namespace bathy::widgets {
namespace {

BudgetBarData sample() {
    BudgetBarData data;
    data.parts = {{QStringLiteral("weights"), 30, 0}, {QStringLiteral("conversation"), 20, 1}};
    data.available = 80;
    data.reserve = 10;
    data.total = 100;
    return data;
}

TEST(BudgetBar, parts_standBehindOneAnotherOnTheScaleOfTheMachine) {
    const auto layout = layoutBudgetBar(sample(), {200, 24});
    ASSERT_EQ(layout.parts.size(), 2U);
    EXPECT_DOUBLE_EQ(layout.scale, 2);
    EXPECT_EQ(layout.parts[0], QRectF(0, 0, 60, 24));
    EXPECT_EQ(layout.parts[1], QRectF(60, 0, 40, 24));
    EXPECT_EQ(layout.frame, QRectF(0, 0, 200, 24));
    EXPECT_DOUBLE_EQ(layout.usableX, 140);
    EXPECT_EQ(layout.kept, QRectF(140, 0, 20, 24));
    EXPECT_FALSE(layout.overflows);
    EXPECT_LT(layout.measuredX, 0);
    EXPECT_EQ(layout.partAt({61, 5}), 1);
    EXPECT_EQ(layout.partAt({150, 5}), -1);
}

TEST(BudgetBar, moreThanTheMachine_shrinksTheScale) {
    auto data = sample();
    data.parts[0].amount = 380;
    data.measured = 50;
    const auto layout = layoutBudgetBar(data, {200, 24});
    EXPECT_DOUBLE_EQ(layout.scale, 0.5);
    EXPECT_DOUBLE_EQ(layout.frame.width(), 50);
    EXPECT_TRUE(layout.overflows);
    EXPECT_DOUBLE_EQ(layout.measuredX, 25);
}

TEST(BudgetBar, nothing_isDrawnOfNothing) {
    EXPECT_TRUE(layoutBudgetBar({}, {200, 24}).parts.empty());
    EXPECT_TRUE(layoutBudgetBar(sample(), {0, 24}).parts.empty());
}

} // namespace
} // namespace bathy::widgets
