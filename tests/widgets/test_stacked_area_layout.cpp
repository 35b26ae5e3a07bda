#include "widgets/common/number_format.h"
#include "widgets/stacked_area/stacked_area_layout.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace bathy::widgets {
namespace {

StackedAreaData twoAreas(int points) {
    StackedAreaData data;
    data.areas = {{QStringLiteral("a"), 0, {}}, {QStringLiteral("b"), 1, {}}};
    for (int i = 0; i < points; ++i) {
        data.x.push_back(i);
        data.areas[0].values.push_back(100);
        data.areas[1].values.push_back(i);
    }
    return data;
}

TEST(StackedAreaLayout, Areas_areStacked) {
    const auto layout = layoutStackedArea(twoAreas(5), {400, 200});
    ASSERT_EQ(layout.x.size(), 5U);
    EXPECT_EQ(layout.tops[0][4], 100);
    EXPECT_EQ(layout.tops[1][4], 104);
    EXPECT_GE(layout.yHigh, 104);
    EXPECT_EQ(layout.yLow, 0);
}

TEST(StackedAreaLayout, ManyPoints_areMergedAndTheEndsAndPeaksStay) {
    auto data = twoAreas(100'000);
    data.areas[1].values[54'321] = 1e9;
    const auto layout = layoutStackedArea(data, {400, 200});
    EXPECT_LE(layout.x.size(), 3U * 401);
    EXPECT_EQ(layout.x.front(), 0);
    EXPECT_EQ(layout.x.back(), 99'999);
    EXPECT_EQ(*std::max_element(layout.tops[1].begin(), layout.tops[1].end()), 1e9 + 100);
    EXPECT_TRUE(std::is_sorted(layout.x.begin(), layout.x.end()));
}

TEST(StackedAreaLayout, Ticks_areFewInRangeAndRound) {
    const auto layout = layoutStackedArea(twoAreas(2000), {400, 200});
    EXPECT_LE(layout.yTicks.size(), 8U);
    EXPECT_GE(layout.yTicks.size(), 3U);
    for (const auto& tick : layout.yTicks)
        EXPECT_LE(tick.at, layout.yHigh);
    EXPECT_EQ(layout.yTicks[0].label.toStdString(), "0 B");
    EXPECT_EQ(layout.xTicks.back().label.toStdString(), "1.5 k");
}

TEST(StackedAreaLayout, Logarithmic_startsAboveZero) {
    StackedAreaData data;
    data.logarithmic = true;
    data.x = {1, 2, 3};
    data.curves = {{QStringLiteral("c"), 0, {0, 1024, 1 << 30}, false}};
    const auto layout = layoutStackedArea(data, {400, 200});
    EXPECT_EQ(layout.yLow, 1024);
    EXPECT_LE(layout.yTicks.size(), 8U);
    EXPECT_EQ(layout.yTicks[0].label.toStdString(), "1 KiB");
}

TEST(StackedAreaLayout, NothingOrNoRoom_isHarmless) {
    EXPECT_TRUE(layoutStackedArea({}, {400, 200}).x.empty());
    EXPECT_FALSE(layoutStackedArea(twoAreas(3), {0, 0}).x.empty());
    EXPECT_EQ(layoutStackedArea(twoAreas(1), {400, 200}).xHigh, 1);
}

TEST(NumberFormat, Bytes_haveThreeFigures) {
    EXPECT_EQ(formatBytes(0).toStdString(), "0 B");
    EXPECT_EQ(formatBytes(584).toStdString(), "584 B");
    EXPECT_EQ(formatBytes(1024).toStdString(), "1 KiB");
    EXPECT_EQ(formatBytes(1536).toStdString(), "1.5 KiB");
    EXPECT_EQ(formatBytes(12.44 * 1024 * 1024).toStdString(), "12.4 MiB");
    EXPECT_EQ(formatBytes(159609485896.0).toStdString(), "149 GiB");
    EXPECT_EQ(formatBytes(1048575).toStdString(), "1 MiB");
}

TEST(NumberFormat, Counts_areDecimal) {
    EXPECT_EQ(formatCount(950).toStdString(), "950");
    EXPECT_EQ(formatCount(4096).toStdString(), "4.1 k");
    EXPECT_EQ(formatCount(1048576).toStdString(), "1.05 M");
}

} // namespace
} // namespace bathy::widgets
