#include "widgets/heatmap/heatmap_layout.h"

#include <gtest/gtest.h>

namespace bathy::widgets {
namespace {

HeatmapData grid(int rows, int columns, float value = 1) {
    HeatmapData data;
    data.rows = rows;
    data.columns = columns;
    data.values.assign(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns), value);
    data.rowTitle = QStringLiteral("layer");
    data.columnTitle = QStringLiteral("expert");
    data.barTitle = QStringLiteral("evenness");
    data.noteTitles = {QStringLiteral("busiest"), QStringLiteral("unused")};
    for (int row = 0; row < rows; ++row)
        data.rowInfo.push_back({QString::number(row), row < 2, 0.5, {QStringLiteral("3.1 %"), QStringLiteral("12")}});
    return data;
}

TEST(HeatmapLayout, EveryCell_isWhereCellAtFindsIt) {
    const auto data = grid(6, 16);
    const auto layout = layoutHeatmap(data, {640, 300}, {});
    EXPECT_EQ(layout.boxes.size(), 96U);
    for (const auto& box : layout.boxes)
        EXPECT_EQ(layout.cellAt(QRectF(box.rect).center()), (HeatmapCell{box.row, box.column}));
    EXPECT_FALSE(layout.cellAt({1, 1}).isValid());
    EXPECT_FALSE(layout.cellAt(QPointF(layout.map.right() + 1.5, layout.map.top())).isValid());
}

TEST(HeatmapLayout, Everything_staysWithinTheSize) {
    for (const QSizeF size : {QSizeF(320, 200), QSizeF(480, 640), QSizeF(1600, 900)}) {
        const auto layout = layoutHeatmap(grid(61, 384), size, {});
        for (const auto& box : layout.boxes)
            ASSERT_TRUE(QRectF(QPointF(0, 0), size).contains(QRectF(box.rect)));
        for (const auto& bar : layout.bars)
            ASSERT_LE(bar.frame.right(), size.width());
    }
}

TEST(HeatmapLayout, NarrowerThanAPixel_mergesAndShowsTheLargest) {
    auto data = grid(2, 1000, 0);
    data.barTitle.clear();
    data.noteTitles.clear();
    data.values[500] = 7;
    data.values[501] = 3;
    const auto layout = layoutHeatmap(data, {200, 100}, {});
    ASSERT_GE(layout.boxes.size(), 1U);
    ASSERT_LE(layout.boxes.size(), 2U) << "empty cells are not drawn";
    EXPECT_EQ(layout.boxes[0].value, 7);
    EXPECT_GT(layout.boxes[0].columnCount, 1);
    EXPECT_LE(layout.boxes[0].column, 500);
    EXPECT_GT(layout.boxes[0].column + layout.boxes[0].columnCount, 500);
    EXPECT_EQ(layout.boxes[0].rect.width(), 1);
}

TEST(HeatmapLayout, Boxes_doNotOverlap) {
    const auto layout = layoutHeatmap(grid(61, 384), {700, 300}, {});
    std::vector<std::vector<bool>> painted(400, std::vector<bool>(800));
    for (const auto& box : layout.boxes)
        for (int y = box.rect.top(); y <= box.rect.bottom(); ++y)
            for (int x = box.rect.left(); x <= box.rect.right(); ++x) {
                ASSERT_FALSE(painted[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)]) << x << ' ' << y;
                painted[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)] = true;
            }
}

TEST(HeatmapLayout, FewLargeCells_doNotGrowWithoutLimit) {
    const HeatmapStyle style;
    const auto layout = layoutHeatmap(grid(2, 2), {2000, 2000}, style);
    EXPECT_EQ(layout.map.width(), 2 * style.maxCellWidth);
    EXPECT_EQ(layout.map.height(), 2 * style.maxCellHeight);
}

TEST(HeatmapLayout, Labels_neverOverlap) {
    for (const int rows : {6, 43, 61}) {
        const auto layout = layoutHeatmap(grid(rows, 256), {640, 300}, {});
        std::vector<QRectF> labels;
        for (const auto& text : layout.texts) {
            if (text.title)
                continue;
            auto rect = text.rect;
            rect.adjust(0, rect.height() * 0.1, 0, -rect.height() * 0.1); // the font's own leading may touch
            for (const auto& other : labels)
                ASSERT_FALSE(rect.intersects(other)) << rows << ' ' << text.text.toStdString();
            labels.push_back(rect);
        }
    }
}

TEST(HeatmapLayout, Narrow_leavesNotesOutBeforeTheMapShrinks) {
    const auto wide = layoutHeatmap(grid(6, 16), {900, 300}, {});
    const auto narrow = layoutHeatmap(grid(6, 16), {200, 300}, {});
    EXPECT_EQ(wide.bars.size(), 6U);
    EXPECT_TRUE(narrow.bars.empty());
    EXPECT_GE(narrow.map.width(), 100);
}

TEST(HeatmapLayout, HashRows_areHatched) {
    EXPECT_EQ(layoutHeatmap(grid(6, 16), {640, 300}, {}).hatches.size(), 2U);
}

TEST(HeatmapLayout, NothingOrNoRoom_isEmpty) {
    EXPECT_TRUE(layoutHeatmap({}, {640, 300}, {}).boxes.empty());
    EXPECT_TRUE(layoutHeatmap(grid(6, 16), {10, 10}, {}).boxes.empty());
    auto unknown = grid(1, 4, NAN);
    EXPECT_TRUE(layoutHeatmap(unknown, {640, 300}, {}).boxes.empty());
    EXPECT_EQ(unknown.largest(), 0);
}

} // namespace
} // namespace bathy::widgets
