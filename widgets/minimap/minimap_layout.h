// Which tokens fall into which row of pixels. Pure; tested as numbers.
#pragma once

#include "widgets/minimap/minimap_data.h"

namespace bathy::widgets {

struct MinimapLayout {
    std::int64_t tokens = 0;
    std::vector<float> rows; // one a pixel: the largest value of its tokens, 0 where all are

    // The rows [first, last) of tokens [begin, end), at least one; {0, 0} when there are no tokens.
    std::pair<int, int> rowsOf(std::int64_t begin, std::int64_t end) const;
    std::int64_t tokenAt(double y) const; // the first of a row's; clamped; -1: there are none
};

// A short text takes `mostPerToken` pixels a token at most and leaves the rest of the height empty.
MinimapLayout layoutMinimap(const MinimapData& data, int height, int mostPerToken);

} // namespace bathy::widgets
