// Where everything of a heatmap goes: data + size + style → draw list. Pure; tested as numbers. Cells that are narrower
// or lower than a pixel are merged with their neighbours and show the largest of them.
#pragma once

#include "widgets/heatmap/heatmap_data.h"

#include <QRect>
#include <QRectF>
#include <QSizeF>
#include <QString>

#include <functional>
#include <vector>

namespace bathy::widgets {

struct HeatmapStyle {
    double lineHeight = 16; // of the font
    // In pixels.
    std::function<double(const QString&)> textWidth = [](const QString& text) {
        return 8.0 * static_cast<double>(text.size());
    };
    int maxCellWidth = 72;
    int maxCellHeight = 56;
};

struct HeatmapBox { // one filled rectangle
    QRect rect;
    float value = 0;
    int row = 0; // first of those merged into it
    int column = 0;
    int rowCount = 1;
    int columnCount = 1;
};

struct HeatmapText {
    QRectF rect;
    QString text;
    Qt::Alignment alignment;
    bool title = false;
};

struct HeatmapBar {
    QRectF frame;
    double share = 0; // of the frame's width
};

class HeatmapLayout {
public:
    QRect map;                     // of all cells
    int gap = 0;                   // pixels left free between cells
    std::vector<HeatmapBox> boxes; // only those with a value above zero
    std::vector<QRect> hatches;    // row headers
    std::vector<QRect> headers;    // row headers, hatched or not
    std::vector<HeatmapText> texts;
    std::vector<HeatmapBar> bars;

    HeatmapCell cellAt(QPointF point) const; // invalid outside the map
    QRect rectOf(HeatmapCell cell) const;    // at least one pixel in each direction

    std::vector<int> columnEdges; // [columns + 1] x of the left edges; several may be equal
    std::vector<int> rowEdges;    // [rows + 1] y of the top edges
};

HeatmapLayout layoutHeatmap(const HeatmapData& data, QSizeF size, const HeatmapStyle& style);

// The smallest size at which rows can be told apart.
QSize heatmapMinimumSize(const HeatmapData& data, const HeatmapStyle& style);

} // namespace bathy::widgets
