#include "widgets/segments/segment_rows_layout.h"

#include <algorithm>
#include <numeric>

namespace bathy::widgets {
namespace {

constexpr double kPad = 8;
constexpr double kRowPad = 3;
constexpr double kGap = 1;

double sumOf(const SegmentRow& row) {
    return std::accumulate(row.segments.begin(), row.segments.end(), 0.0,
                           [](double sum, const Segment& s) { return sum + std::max(s.value, 0.0); });
}

} // namespace

SegmentRowsLayout layoutSegmentRows(const SegmentRowsData& data, double width, const SegmentRowsStyle& style) {
    SegmentRowsLayout layout;
    double labelWidth = 0;
    double largest = 0;
    for (const auto& row : data.rows) {
        labelWidth = std::max(labelWidth, static_cast<double>(row.label.size()) * style.digitWidth + kPad);
        largest = std::max(largest, sumOf(row));
    }
    double y = 0;
    if (!data.title.isEmpty()) {
        layout.title = QRectF(0, 0, width, style.lineHeight);
        y = style.lineHeight + kRowPad;
    }
    const double left = labelWidth + kPad;
    const double room = std::max(0.0, width - left);
    const double height = style.lineHeight;
    for (std::size_t r = 0; r < data.rows.size(); ++r) {
        const auto& row = data.rows[r];
        layout.labels.emplace_back(0, y, labelWidth, height);
        double x = left;
        for (std::size_t i = 0; i < row.segments.size() && largest > 0; ++i) {
            const double length = room * std::max(row.segments[i].value, 0.0) / largest;
            const double text = static_cast<double>(QString::number(row.segments[i].key).size()) * style.digitWidth + 4;
            if (length > 0)
                layout.boxes.push_back({QRectF(x, y, std::max(length - kGap, 0.5), height), static_cast<int>(r),
                                        static_cast<int>(i), length - kGap >= text});
            x += length;
        }
        y += height + kRowPad;
    }
    layout.height = y;
    return layout;
}

const SegmentBox* SegmentRowsLayout::boxAt(QPointF point) const {
    const auto found =
        std::find_if(boxes.begin(), boxes.end(), [point](const SegmentBox& box) { return box.rect.contains(point); });
    return found == boxes.end() ? nullptr : &*found;
}

} // namespace bathy::widgets
