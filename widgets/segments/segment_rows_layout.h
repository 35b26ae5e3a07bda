// Where the segments go: every row is scaled by the same largest sum. Pure; tested as numbers.
#pragma once

#include "widgets/segments/segment_rows_data.h"

#include <QRectF>

#include <vector>

namespace bathy::widgets {

struct SegmentRowsStyle {
    double lineHeight = 16;
    double digitWidth = 8;
};

struct SegmentBox {
    QRectF rect;
    int row = 0;
    int index = 0;         // in the row
    bool labelled = false; // the key fits
};

struct SegmentRowsLayout {
    QRectF title;
    std::vector<QRectF> labels; // one a row
    std::vector<SegmentBox> boxes;
    double height = 0;

    const SegmentBox* boxAt(QPointF point) const;
};

SegmentRowsLayout layoutSegmentRows(const SegmentRowsData& data, double width, const SegmentRowsStyle& style);

} // namespace bathy::widgets
