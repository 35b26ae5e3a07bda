// Where labels, bars, numbers and badges of a bar list go. Pure; tested as numbers.
#pragma once

#include "widgets/bars/bar_list_data.h"

#include <QRectF>

#include <functional>

namespace bathy::widgets {

struct BarListStyle {
    double lineHeight = 16;
    std::function<double(const QString&)> textWidth; // in pixels
};

struct BarBox {
    QRectF row; // the whole line
    QRectF label;
    QRectF frame;  // of a full bar
    QRectF filled; // what the share fills of it
    QRectF text;
    QRectF badge; // empty: none
};

struct BarListLayout {
    QRectF title;
    std::vector<BarBox> boxes;
    double height = 0;

    int rowAt(QPointF point) const; // -1: none
};

BarListLayout layoutBarList(const BarListData& data, double width, const BarListStyle& style);

} // namespace bathy::widgets
