#include "widgets/bars/bar_list_layout.h"

#include <algorithm>

namespace bathy::widgets {
namespace {

constexpr double kPad = 8;
constexpr double kRowPad = 6;
constexpr double kLeastBar = 1.5;        // pixels of a bar that is not nothing
constexpr double kMostLabelShare = 0.42; // of the width
constexpr double kLeastFrame = 24;

} // namespace

BarListLayout layoutBarList(const BarListData& data, double width, const BarListStyle& style) {
    BarListLayout layout;
    double labelWidth = 0;
    double textWidth = 0;
    double badgeWidth = 0;
    for (const auto& row : data.rows) {
        labelWidth = std::max(labelWidth, style.textWidth(row.label));
        textWidth = std::max(textWidth, style.textWidth(row.text));
        if (row.source)
            badgeWidth = std::max(badgeWidth, style.textWidth(sourceName(*row.source)) + kPad);
    }
    labelWidth = std::min(labelWidth, width * kMostLabelShare);
    const double rowHeight = style.lineHeight + kRowPad;
    double y = 0;
    if (!data.title.isEmpty()) {
        layout.title = QRectF(0, 0, width, style.lineHeight);
        y = style.lineHeight + kRowPad / 2;
    }
    const double badgeLeft = width - badgeWidth;
    const double textLeft = badgeLeft - (badgeWidth > 0 ? kPad : 0) - textWidth;
    const double frameLeft = labelWidth + kPad;
    const double frameWidth = std::max(kLeastFrame, textLeft - kPad - frameLeft);
    for (const auto& row : data.rows) {
        BarBox box;
        box.row = QRectF(0, y, width, rowHeight);
        box.label = QRectF(0, y, labelWidth, rowHeight);
        box.frame = QRectF(frameLeft, y + rowHeight * 0.25, frameWidth, rowHeight * 0.5);
        const double share = std::clamp(row.share, 0.0, 1.0);
        box.filled = box.frame;
        box.filled.setWidth(share > 0 ? std::max(kLeastBar, frameWidth * share) : 0);
        box.text = QRectF(textLeft, y, textWidth, rowHeight);
        if (row.source)
            box.badge = QRectF(badgeLeft, y + kRowPad / 2, badgeWidth, style.lineHeight);
        layout.boxes.push_back(box);
        y += rowHeight;
    }
    layout.height = y;
    return layout;
}

int BarListLayout::rowAt(QPointF point) const {
    const auto found =
        std::find_if(boxes.begin(), boxes.end(), [point](const BarBox& box) { return box.row.contains(point); });
    return found == boxes.end() ? -1 : static_cast<int>(found - boxes.begin());
}

} // namespace bathy::widgets
