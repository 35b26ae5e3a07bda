#include "widgets/minimap/minimap_layout.h"

#include <algorithm>
#include <cmath>

namespace bathy::widgets {

MinimapLayout layoutMinimap(const MinimapData& data, int height, int mostPerToken) {
    MinimapLayout layout;
    layout.tokens = static_cast<std::int64_t>(data.values.size());
    const auto rows = std::min<std::int64_t>(std::max(height, 0), layout.tokens * mostPerToken);
    layout.rows.assign(static_cast<std::size_t>(rows), 0.0F);
    for (std::int64_t row = 0; row < rows; ++row) {
        const auto begin = row * layout.tokens / rows;
        const auto end = std::max(begin + 1, (row + 1) * layout.tokens / rows);
        auto& value = layout.rows[static_cast<std::size_t>(row)];
        for (auto token = begin; token < end; ++token)
            value = std::max(value, data.values[static_cast<std::size_t>(token)]);
    }
    return layout;
}

std::pair<int, int> MinimapLayout::rowsOf(std::int64_t begin, std::int64_t end) const {
    const auto count = static_cast<std::int64_t>(rows.size());
    if (tokens == 0 || count == 0)
        return {0, 0};
    const auto first = std::clamp<std::int64_t>(begin, 0, tokens - 1) * count / tokens;
    const auto last = (std::clamp<std::int64_t>(end, 1, tokens) * count + tokens - 1) / tokens;
    return {static_cast<int>(first), static_cast<int>(std::clamp(last, first + 1, count))};
}

std::int64_t MinimapLayout::tokenAt(double y) const {
    const auto count = static_cast<std::int64_t>(rows.size());
    if (count == 0)
        return -1;
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(y)), 0, count - 1) * tokens / count;
}

} // namespace bathy::widgets
