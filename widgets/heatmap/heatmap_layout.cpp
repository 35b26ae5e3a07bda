#include "widgets/heatmap/heatmap_layout.h"

#include <algorithm>

namespace bathy::widgets {
namespace {

constexpr int kPad = 8;
constexpr int kMinRowHeight = 3;
constexpr int kBarWidth = 56;
constexpr int kMostBarHeight = 12;
constexpr double kLeastMapShare = 0.5; // of the width

struct Frame {
    int left = 0;    // of the map
    int top = 0;     // of the map
    int right = 0;   // end of the room for the map
    int bottom = 0;  // end of the room for the map
    int barLeft = 0; // 0: no bars
    std::vector<int> noteLeft;
    std::vector<int> noteWidth;
};

int textWidth(const QString& text, const HeatmapStyle& style) {
    return static_cast<int>(std::ceil(style.textWidth(text)) + 1);
}

Frame frameOf(const HeatmapData& data, QSizeF size, const HeatmapStyle& style) {
    int labelWidth = textWidth(data.rowTitle, style);
    for (const auto& row : data.rowInfo)
        labelWidth = std::max(labelWidth, textWidth(row.label, style) + kPad);
    Frame f;
    f.left = labelWidth + kPad;
    f.top = static_cast<int>(style.lineHeight * 2) + kPad / 2; // title and numbers of the columns
    f.bottom = static_cast<int>(size.height()) - kPad / 2;
    int right = static_cast<int>(size.width()) - kPad;
    // What stands at the row's end is left out, last first, where the map itself would get too narrow.
    const int mapNeeds = static_cast<int>(size.width() * kLeastMapShare);
    std::vector<int> widths;
    int extra = 0;
    const int bar = data.barTitle.isEmpty() ? 0 : std::max(kBarWidth, textWidth(data.barTitle, style)) + kPad;
    if (bar > 0 && right - f.left - bar >= mapNeeds)
        extra += bar;
    for (std::size_t i = 0; extra > 0 && i < data.noteTitles.size(); ++i) {
        int width = textWidth(data.noteTitles[i], style);
        for (const auto& row : data.rowInfo)
            if (i < row.notes.size())
                width = std::max(width, textWidth(row.notes[i], style));
        width += kPad;
        if (right - f.left - extra - width < mapNeeds)
            break;
        widths.push_back(width);
        extra += width;
    }
    f.right = right - extra;
    int x = f.right + (extra > 0 ? kPad : 0);
    if (extra > 0) {
        f.barLeft = x;
        x += bar;
    }
    for (const int width : widths) {
        f.noteLeft.push_back(x);
        f.noteWidth.push_back(width - kPad);
        x += width;
    }
    return f;
}

std::vector<int> edgesOf(int count, int from, int to, int largest) {
    const double step = std::min<double>(largest, static_cast<double>(to - from) / count);
    std::vector<int> edges(static_cast<std::size_t>(count) + 1);
    for (int i = 0; i <= count; ++i)
        edges[static_cast<std::size_t>(i)] = from + static_cast<int>(std::lround(step * i));
    return edges;
}

// Groups of cells whose edges fall on the same pixel: [first, first of the next group).
std::vector<std::pair<int, int>> groupsOf(const std::vector<int>& edges) {
    std::vector<std::pair<int, int>> groups;
    const int count = static_cast<int>(edges.size()) - 1;
    for (int i = 0; i < count;) {
        int next = i + 1;
        while (next < count && edges[static_cast<std::size_t>(next)] == edges[static_cast<std::size_t>(i)])
            ++next;
        groups.emplace_back(i, next);
        i = next;
    }
    return groups;
}

void addBoxes(HeatmapLayout& layout, const HeatmapData& data) {
    const auto rows = groupsOf(layout.rowEdges);
    const auto columns = groupsOf(layout.columnEdges);
    for (const auto& [firstRow, endRow] : rows) {
        const int top = layout.rowEdges[static_cast<std::size_t>(firstRow)];
        const int bottom = layout.rowEdges[static_cast<std::size_t>(endRow)];
        for (const auto& [firstColumn, endColumn] : columns) {
            float value = 0;
            for (int row = firstRow; row < endRow; ++row)
                for (int column = firstColumn; column < endColumn; ++column)
                    value = std::fmax(value, data.value(row, column)); // fmax passes over NaN
            if (!(value > 0))
                continue;
            const int left = layout.columnEdges[static_cast<std::size_t>(firstColumn)];
            const int right = layout.columnEdges[static_cast<std::size_t>(endColumn)];
            layout.boxes.push_back(
                {QRect(left, top, std::max(1, right - left - layout.gap), std::max(1, bottom - top - layout.gap)),
                 value, firstRow, firstColumn, endRow - firstRow, endColumn - firstColumn});
        }
    }
}

// Every how many cells a label fits: 1, 2, 5, 10, 20 …
int labelStep(double cell, double needed) {
    for (int power = 1; power < 1'000'000; power *= 10)
        for (const int step : {power, 2 * power, 5 * power})
            if (cell * step >= needed)
                return step;
    return 1'000'000;
}

void addColumnLabels(HeatmapLayout& layout, const HeatmapData& data, const HeatmapStyle& style) {
    const double cell = static_cast<double>(layout.map.width()) / data.columns;
    const auto widest = QString::number(data.columns - 1);
    const int step = labelStep(cell, textWidth(widest, style) + kPad);
    const double top = layout.map.top() - style.lineHeight - 2;
    for (int column = 0; column < data.columns; column += step) {
        const auto rect = layout.rectOf({0, column});
        const auto text = QString::number(column);
        const double width = textWidth(text, style) + 2;
        layout.texts.push_back({QRectF(rect.left() + (rect.width() - width) / 2.0, top, width, style.lineHeight), text,
                                Qt::AlignHCenter, false});
    }
    layout.texts.push_back({QRectF(layout.map.left(), top - style.lineHeight, layout.map.width(), style.lineHeight),
                            data.columnTitle, Qt::AlignLeft, true});
}

void addRows(HeatmapLayout& layout, const HeatmapData& data, const Frame& frame, const HeatmapStyle& style) {
    const double cell = static_cast<double>(layout.map.height()) / data.rows;
    const int step = labelStep(cell, style.lineHeight * 0.9);
    const int titleTop = layout.map.top() - static_cast<int>(style.lineHeight) - 2;
    layout.texts.push_back(
        {QRectF(0, titleTop, frame.left - kPad, style.lineHeight), data.rowTitle, Qt::AlignRight, true});
    if (frame.barLeft > 0)
        layout.texts.push_back(
            {QRectF(frame.barLeft, titleTop, frame.noteLeft.empty() ? 1000 : frame.noteLeft[0] - frame.barLeft,
                    style.lineHeight),
             data.barTitle, Qt::AlignLeft, true});
    for (std::size_t i = 0; i < frame.noteLeft.size(); ++i)
        layout.texts.push_back({QRectF(frame.noteLeft[i], titleTop, frame.noteWidth[i], style.lineHeight),
                                data.noteTitles[i], Qt::AlignRight, true});
    for (int row = 0; row < data.rows && row < static_cast<int>(data.rowInfo.size()); ++row) {
        const auto& info = data.rowInfo[static_cast<std::size_t>(row)];
        const auto rect = layout.rectOf({row, 0});
        const QRect header(2, rect.top(), frame.left - 4, rect.height());
        layout.headers.push_back(header);
        if (info.hatched)
            layout.hatches.push_back(header);
        const double textTop = rect.top() + rect.height() / 2.0 - style.lineHeight / 2;
        const bool labelled = row % step == 0;
        if (labelled)
            layout.texts.push_back(
                {QRectF(2, textTop, frame.left - kPad - 2, style.lineHeight), info.label, Qt::AlignRight, false});
        if (frame.barLeft > 0 && !std::isnan(info.bar)) {
            const double height = std::clamp<double>(rect.height() - 1, 1, kMostBarHeight);
            layout.bars.push_back(
                {QRectF(frame.barLeft, rect.top() + (rect.height() - height) / 2.0, kBarWidth, height),
                 std::clamp(info.bar, 0.0, 1.0)});
        }
        for (std::size_t i = 0; labelled && i < frame.noteLeft.size() && i < info.notes.size(); ++i)
            layout.texts.push_back({QRectF(frame.noteLeft[i], textTop, frame.noteWidth[i], style.lineHeight),
                                    info.notes[i], Qt::AlignRight, false});
    }
}

int indexIn(const std::vector<int>& edges, double at) {
    // The last cell that starts at or before the pixel; where several share a pixel, the first of them.
    const auto pixel = static_cast<int>(std::floor(at));
    if (edges.size() < 2 || pixel < edges.front() || pixel >= edges.back())
        return -1;
    const auto after = std::upper_bound(edges.begin(), edges.end(), pixel);
    const int start = *(after - 1);
    return static_cast<int>(std::lower_bound(edges.begin(), edges.end(), start) - edges.begin());
}

} // namespace

float HeatmapData::largest() const {
    float most = 0;
    for (const float v : values)
        most = std::fmax(most, v);
    return most;
}

HeatmapCell HeatmapLayout::cellAt(QPointF point) const {
    return {indexIn(rowEdges, point.y()), indexIn(columnEdges, point.x())};
}

QRect HeatmapLayout::rectOf(HeatmapCell cell) const {
    const auto row = static_cast<std::size_t>(cell.row);
    const auto column = static_cast<std::size_t>(cell.column);
    if (!cell.isValid() || row + 1 >= rowEdges.size() || column + 1 >= columnEdges.size())
        return {};
    return {columnEdges[column], rowEdges[row], std::max(1, columnEdges[column + 1] - columnEdges[column] - gap),
            std::max(1, rowEdges[row + 1] - rowEdges[row] - gap)};
}

HeatmapLayout layoutHeatmap(const HeatmapData& data, QSizeF size, const HeatmapStyle& style) {
    HeatmapLayout layout;
    if (data.isEmpty())
        return layout;
    const auto frame = frameOf(data, size, style);
    if (frame.right <= frame.left || frame.bottom <= frame.top)
        return layout;
    layout.columnEdges = edgesOf(data.columns, frame.left, frame.right, style.maxCellWidth);
    layout.rowEdges = edgesOf(data.rows, frame.top, frame.bottom, style.maxCellHeight);
    layout.map =
        QRect(QPoint(frame.left, frame.top), QPoint(layout.columnEdges.back() - 1, layout.rowEdges.back() - 1));
    const double smaller = std::min(static_cast<double>(layout.map.width()) / data.columns,
                                    static_cast<double>(layout.map.height()) / data.rows);
    layout.gap = smaller >= 16 ? 2 : smaller >= 5 ? 1 : 0;
    addBoxes(layout, data);
    addColumnLabels(layout, data, style);
    addRows(layout, data, frame, style);
    return layout;
}

QSize heatmapMinimumSize(const HeatmapData& data, const HeatmapStyle& style) {
    return {static_cast<int>(style.textWidth(QStringLiteral("0")) * 24),
            static_cast<int>(style.lineHeight * 2) + kPad + std::max(data.rows * kMinRowHeight, 60)};
}

} // namespace bathy::widgets
