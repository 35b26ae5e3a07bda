// A whole text as a strip of numbers, from its first token to its last. Immutable once handed to a view.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace bathy::widgets {

struct MinimapMark { // a stretch that is pointed out beside the strip
    std::int64_t begin = 0;
    std::int64_t end = 0;
};

struct MinimapData {
    std::vector<float> values; // one a token; 0: nothing
    std::vector<MinimapMark> marks;
    std::int64_t cursor = -1; // a token of its own; -1: none
};

} // namespace bathy::widgets
