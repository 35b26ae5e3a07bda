#include "widgets/token_strip/token_strip_layout.h"

#include <gtest/gtest.h>

namespace bathy::widgets {
namespace {

// Glyph 0 is 40 wide, glyph 1 ends a line, glyph 2 is wider than the view.
struct TokenStripLayoutTest : ::testing::Test {
    TokenStripLayoutTest() {
        data.glyphs = std::make_shared<std::vector<TokenGlyph>>(std::vector<TokenGlyph>{
            {QStringLiteral("word"), false}, {QStringLiteral("⏎"), true}, {QStringLiteral("x"), false}});
    }
    void add(std::initializer_list<int> glyphs) {
        for (const int glyph : glyphs)
            data.items.push_back({static_cast<std::int64_t>(data.items.size()), glyph, 0});
    }
    TokenStripLayout layout(double width) const { return layoutTokenStrip(data, {40, 20, 900}, width, {}); }
    TokenStripData data;
};

TEST_F(TokenStripLayoutTest, Flow_wrapsAtTheEdgeAndAfterLineFeeds) {
    add({0, 0, 0, 0, 1, 0});
    const auto l = layout(6 + 40 + 2 + 40 + 2 + 40 + 6); // three words
    ASSERT_EQ(l.lineStart, (std::vector<std::int32_t>{0, 3, 5}));
    EXPECT_EQ(l.boxes[1].x, 48);
    EXPECT_EQ(l.boxes[3].x, 6);
}

TEST_F(TokenStripLayoutTest, WiderThanTheView_isCutToIt) {
    add({0, 2, 0});
    const auto l = layout(200);
    EXPECT_EQ(l.lineStart.size(), 3U);
    EXPECT_EQ(l.boxes[1].width, 188);
}

TEST_F(TokenStripLayoutTest, ItemAt_findsEveryBoxAndNothingOutside) {
    add({0, 0, 1, 0, 2, 0, 0, 0});
    const auto l = layout(150);
    for (int i = 0; i < 8; ++i)
        EXPECT_EQ(l.itemAt(l.rectOf(i).center()), i);
    EXPECT_EQ(l.itemAt({140, 10}), -1);
    EXPECT_EQ(l.itemAt({10, 9999}), -1);
    EXPECT_EQ(l.nearestItem({140, 9999}), 7);
    EXPECT_EQ(l.nearestItem({-5, -5}), 0);
}

TEST_F(TokenStripLayoutTest, ItemsBetween_givesWholeLinesThatTouch) {
    for (int i = 0; i < 30; ++i)
        add({0, 0, 0});
    const auto l = layout(138); // three a line, 30 lines of 25 pixels
    ASSERT_EQ(l.lineStart.size(), 30U);
    const auto [first, last] = l.itemsBetween(6 + 25 * 10 + 1, 6 + 25 * 12 - 1);
    EXPECT_EQ(first, 30);
    EXPECT_EQ(last, 36);
    EXPECT_EQ(l.itemsBetween(-100, 1e9), (std::pair<int, int>{0, 90}));
}

TEST_F(TokenStripLayoutTest, Empty_hasNoHeight) {
    EXPECT_EQ(layout(100).height, 0);
    EXPECT_EQ(layout(100).itemAt({1, 1}), -1);
    EXPECT_EQ(layout(100).nearestItem({1, 1}), -1);
    EXPECT_EQ(data.indexOf(0), -1);
}

TEST_F(TokenStripLayoutTest, NoWidth_doesNotLoopOrCrash) {
    add({0, 2, 1, 0});
    EXPECT_EQ(layout(0).boxes.size(), 4U);
}

} // namespace
} // namespace bathy::widgets
