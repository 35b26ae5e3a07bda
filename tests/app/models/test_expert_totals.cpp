#include "app/models/expert_totals.h"

#include <gtest/gtest.h>

namespace bathy::models {
namespace {

TEST(ExpertTotals, Balance_evenSpread_isOne) {
    ExpertTotals totals(1, 4);
    for (int expert = 0; expert < 4; ++expert)
        totals.add(0, expert, 0.5F);
    const auto b = totals.balance(0);
    EXPECT_DOUBLE_EQ(b.evenness, 1.0);
    EXPECT_DOUBLE_EQ(b.busiestShare, 0.25);
    EXPECT_EQ(b.unused, 0);
    EXPECT_DOUBLE_EQ(totals.shareAgainstUniform(0, 2), 1.0);
}

TEST(ExpertTotals, Balance_oneExpertDoesAll_isZero) {
    ExpertTotals totals(2, 4);
    totals.add(1, 3, 1.0F);
    totals.add(1, 3, 0.5F);
    const auto b = totals.balance(1);
    EXPECT_DOUBLE_EQ(b.evenness, 0.0);
    EXPECT_EQ(b.busiest, 3);
    EXPECT_DOUBLE_EQ(b.busiestShare, 1.0);
    EXPECT_EQ(b.unused, 3);
    EXPECT_DOUBLE_EQ(totals.meanWeight(1, 3), 0.75);
    EXPECT_DOUBLE_EQ(totals.shareAgainstUniform(1, 3), 4.0);
    EXPECT_EQ(totals.balance(0).unused, 4);
    EXPECT_EQ(totals.balance(0).busiest, -1);
}

TEST(ExpertTotals, MakeRoom_growingBothWays_keepsWhatIsThere) {
    ExpertTotals totals(1, 2);
    totals.add(0, 1, 0.25F);
    totals.makeRoom(3, 5);
    EXPECT_EQ(totals.count(0, 1), 1U);
    EXPECT_EQ(totals.layerCount(0), 1U);
    totals.add(2, 4, 1.0F);
    totals.makeRoom(1, 1);
    EXPECT_EQ(totals.count(2, 4), 1U);
}

TEST(ExpertTotals, Remove_lastChoice_leavesNoRounding) {
    ExpertTotals totals(1, 1);
    for (const float w : {0.1F, 0.7F, 0.3F})
        totals.add(0, 0, w);
    for (const float w : {0.7F, 0.1F, 0.3F})
        totals.remove(0, 0, w);
    EXPECT_EQ(totals.weightSum(0, 0), 0.0);
    EXPECT_EQ(totals.layerCount(0), 0U);
}

} // namespace
} // namespace bathy::models
