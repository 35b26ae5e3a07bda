#include "widgets/minimap/minimap_layout.h"

#include <gtest/gtest.h>

namespace bathy::widgets {
namespace {

MinimapData dataOf(std::vector<float> values) {
    return {std::move(values), {}, -1};
}

TEST(MinimapLayout, longText_mergesTokensAndKeepsTheLargest) {
    std::vector<float> values(1000, 0.0F);
    values[503] = 0.5F;
    values[509] = 0.9F;
    const auto layout = layoutMinimap(dataOf(values), 100, 4);
    ASSERT_EQ(layout.rows.size(), 100U);
    EXPECT_EQ(layout.rows[50], 0.9F);
    EXPECT_EQ(layout.rows[49], 0);
    EXPECT_EQ(layout.rows[51], 0);
    EXPECT_EQ(layout.rowsOf(500, 510), (std::pair{50, 51}));
    EXPECT_EQ(layout.rowsOf(990, 5000), (std::pair{99, 100}));
    EXPECT_EQ(layout.tokenAt(50.7), 500);
    EXPECT_EQ(layout.tokenAt(-3), 0);
    EXPECT_EQ(layout.tokenAt(1e9), 990);
}

TEST(MinimapLayout, everyTokenHasARow_whateverTheHeight) {
    for (const int height : {1, 7, 99, 1000}) {
        for (const int tokens : {1, 3, 100, 777}) {
            std::vector<float> values(static_cast<std::size_t>(tokens), 0.0F);
            for (int token = 0; token < tokens; ++token) {
                values.assign(values.size(), 0.0F);
                values[static_cast<std::size_t>(token)] = 1;
                const auto layout = layoutMinimap(dataOf(values), height, 4);
                const auto [first, last] = layout.rowsOf(token, token + 1);
                ASSERT_LT(first, last);
                float seen = 0;
                for (int row = first; row < last; ++row)
                    seen = std::max(seen, layout.rows[static_cast<std::size_t>(row)]);
                EXPECT_EQ(seen, 1) << height << " pixels, token " << token << " of " << tokens;
            }
        }
    }
}

TEST(MinimapLayout, shortText_isNotStretchedOverAll) {
    EXPECT_EQ(layoutMinimap(dataOf({1, 0, 0}), 500, 4).rows.size(), 12U);
    const auto empty = layoutMinimap(dataOf({}), 500, 4);
    EXPECT_TRUE(empty.rows.empty());
    EXPECT_EQ(empty.tokenAt(3), -1);
    EXPECT_EQ(empty.rowsOf(0, 1), (std::pair{0, 0}));
}

} // namespace
} // namespace bathy::widgets
