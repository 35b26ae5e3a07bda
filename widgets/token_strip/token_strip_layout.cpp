#include "widgets/token_strip/token_strip_layout.h"

#include <algorithm>

namespace bathy::widgets {

TokenStripLayout layoutTokenStrip(const TokenStripData& data, const std::vector<float>& glyphWidths, double width,
                                  const TokenStripStyle& style) {
    TokenStripLayout layout;
    layout.style = style;
    layout.boxes.reserve(data.items.size());
    const double right = width - style.margin;
    double x = style.margin;
    std::int32_t line = 0;
    bool breakBefore = true;
    for (const auto& item : data.items) {
        const auto glyph = static_cast<std::size_t>(item.glyph);
        // Wider than the view: the box ends at its edge, and the text is cut when painted.
        const double box = std::min<double>(glyphWidths[glyph], std::max(1.0, right - style.margin));
        if (!breakBefore && x + box > right)
            breakBefore = true;
        if (breakBefore) {
            line = static_cast<std::int32_t>(layout.lineStart.size());
            layout.lineStart.push_back(static_cast<std::int32_t>(layout.boxes.size()));
            x = style.margin;
        }
        layout.boxes.push_back({static_cast<float>(x), static_cast<float>(box), line});
        x += box + style.boxGap;
        breakBefore = (*data.glyphs)[glyph].endsLine;
    }
    const auto lines = static_cast<double>(layout.lineStart.size());
    layout.height = lines == 0 ? 0 : 2 * style.margin + lines * (style.lineHeight + style.lineGap) - style.lineGap;
    return layout;
}

QRectF TokenStripLayout::rectOf(int index) const {
    const auto& box = boxes[static_cast<std::size_t>(index)];
    return {box.x, style.margin + box.line * (style.lineHeight + style.lineGap), box.width, style.lineHeight};
}

std::pair<int, int> TokenStripLayout::itemsBetween(double top, double bottom) const {
    if (lineStart.empty())
        return {0, 0};
    const double step = style.lineHeight + style.lineGap;
    const auto lines = static_cast<int>(lineStart.size());
    const int first = std::clamp(static_cast<int>(std::floor((top - style.margin) / step)), 0, lines - 1);
    const int last = std::clamp(static_cast<int>(std::ceil((bottom - style.margin) / step)), first, lines);
    const int end = last >= lines ? static_cast<int>(boxes.size()) : lineStart[static_cast<std::size_t>(last)];
    return {lineStart[static_cast<std::size_t>(first)], end};
}

int TokenStripLayout::itemAt(QPointF point) const {
    const auto [first, last] = itemsBetween(point.y(), point.y() + 1);
    for (int i = first; i < last; ++i)
        if (rectOf(i).adjusted(0, 0, style.boxGap, style.lineGap).contains(point))
            return i;
    return -1;
}

int TokenStripLayout::nearestItem(QPointF point) const {
    if (boxes.empty())
        return -1;
    const double step = style.lineHeight + style.lineGap;
    const auto lines = static_cast<int>(lineStart.size());
    const int line = std::clamp(static_cast<int>(std::floor((point.y() - style.margin) / step)), 0, lines - 1);
    const int first = lineStart[static_cast<std::size_t>(line)];
    const int last = line + 1 < lines ? lineStart[static_cast<std::size_t>(line) + 1] : static_cast<int>(boxes.size());
    int found = first;
    while (found + 1 < last && boxes[static_cast<std::size_t>(found) + 1].x <= point.x())
        ++found;
    return found;
}

} // namespace bathy::widgets
