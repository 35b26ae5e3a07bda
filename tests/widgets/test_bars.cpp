#include "widgets/bars/bar_list_layout.h"
#include "widgets/segments/segment_rows_layout.h"

#include <gtest/gtest.h>

namespace bathy::widgets {
namespace {

BarListStyle style() {
    return {16, [](const QString& text) { return 8.0 * static_cast<double>(text.size()); }};
}

TEST(BarListLayout, Parts_standInOrderWithinTheWidth) {
    BarListData data;
    data.title = QStringLiteral("Title");
    data.rows = {{QStringLiteral("a"), 0.25, QStringLiteral("25 %"), 0, false, NumberSource::Measured, {}},
                 {QStringLiteral("longer"), 1.5, QStringLiteral("150 %"), 0, false, NumberSource::Estimated, {}}};
    const auto layout = layoutBarList(data, 400, style());
    ASSERT_EQ(layout.boxes.size(), 2U);
    for (const auto& box : layout.boxes) {
        EXPECT_LE(box.label.right(), box.frame.left());
        EXPECT_LE(box.frame.right(), box.text.left());
        EXPECT_LE(box.text.right(), box.badge.left());
        EXPECT_LE(box.badge.right(), 400);
    }
    EXPECT_DOUBLE_EQ(layout.boxes[0].filled.width(), layout.boxes[0].frame.width() / 4);
    EXPECT_DOUBLE_EQ(layout.boxes[1].filled.width(), layout.boxes[1].frame.width()) << "more than all is all";
    EXPECT_EQ(layout.rowAt(layout.boxes[1].row.center()), 1);
    EXPECT_EQ(layout.rowAt({5, 9999}), -1);
}

TEST(BarListLayout, TinyShare_isStillSeen_zeroIsNot) {
    BarListData data;
    data.rows = {{QStringLiteral("a"), 1e-9, {}, 0, false, {}, {}}, {QStringLiteral("b"), 0, {}, 0, false, {}, {}}};
    const auto layout = layoutBarList(data, 300, style());
    EXPECT_GE(layout.boxes[0].filled.width(), 1);
    EXPECT_EQ(layout.boxes[1].filled.width(), 0);
}

TEST(BarListLayout, LongLabels_leaveRoomForTheBars) {
    BarListData data;
    data.rows = {{QString(200, QLatin1Char('x')), 0.5, QStringLiteral("50 %"), 0, false, {}, {}}};
    EXPECT_GE(layoutBarList(data, 300, style()).boxes[0].frame.width(), 24);
}

TEST(SegmentRowsLayout, Rows_shareOneScale) {
    SegmentRowsData data;
    data.rows = {{QStringLiteral("0"), false, {{7, 1.0}, {8, 1.0}}},
                 {QStringLiteral("1"), true, {{9, 0.5}, {12, 0.5}}},
                 {QStringLiteral("2"), false, {}}};
    const auto layout = layoutSegmentRows(data, 316, {});
    ASSERT_EQ(layout.boxes.size(), 4U);
    EXPECT_NEAR(layout.boxes[0].rect.width() + 1, 2 * (layout.boxes[2].rect.width() + 1), 1e-9);
    EXPECT_NEAR(layout.boxes[1].rect.right() + 1, 316, 1e-9);
    EXPECT_EQ(layout.boxAt(layout.boxes[3].rect.center())->index, 1);
    EXPECT_EQ(layout.boxAt({-1, -1}), nullptr);
    EXPECT_EQ(layout.labels.size(), 3U);
}

TEST(SegmentRowsLayout, NothingToScale_hasNoBoxes) {
    SegmentRowsData data;
    data.rows = {{QStringLiteral("0"), false, {{7, 0.0}, {8, -1.0}}}};
    EXPECT_TRUE(layoutSegmentRows(data, 300, {}).boxes.empty());
}

} // namespace
} // namespace bathy::widgets
