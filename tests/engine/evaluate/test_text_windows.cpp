#include "engine/evaluate/text_windows.h"

#include <gtest/gtest.h>

namespace bathy::evaluate {
namespace {

using Windows = std::vector<TextWindow>;

TEST(TextWindows, ShortText_isOneWindow) {
    EXPECT_EQ(textWindows(5, 9, true), (Windows{{0, 0, 5}}));
    EXPECT_EQ(textWindows(8, 9, true), (Windows{{0, 0, 8}}));
}

TEST(TextWindows, LongText_overlapsByHalf) {
    EXPECT_EQ(textWindows(17, 9, true), (Windows{{0, 0, 8}, {4, 8, 12}, {8, 12, 16}, {12, 16, 17}}));
}

TEST(TextWindows, NoBeginToken_leavesOutTheFirst) {
    EXPECT_EQ(textWindows(9, 8, false), (Windows{{0, 1, 8}, {4, 8, 9}}));
    EXPECT_TRUE(textWindows(1, 8, false).empty());
    EXPECT_TRUE(textWindows(0, 8, true).empty());
}

TEST(TextWindows, EveryToken_isScoredOnceWithEnoughBeforeIt) {
    for (std::int64_t context = kSmallestContext; context < 40; ++context)
        for (std::int64_t tokens = 1; tokens < 120; ++tokens) {
            std::int64_t next = 0;
            for (const auto& window : textWindows(tokens, context, true)) {
                ASSERT_EQ(window.scored, next);
                ASSERT_LT(window.scored, window.end);
                ASSERT_LE(window.end - window.begin, context - 1);
                if (window.begin > 0)
                    ASSERT_GE(window.scored - window.begin, (context - 1) / 2);
                next = window.end;
            }
            ASSERT_EQ(next, tokens);
        }
}

} // namespace
} // namespace bathy::evaluate
