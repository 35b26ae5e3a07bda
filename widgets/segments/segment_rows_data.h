// Rows of labelled segments side by side, as long as their values: the experts of a token, layer by layer. A plain
// value.
#pragma once

#include <QString>

#include <vector>

namespace bathy::widgets {

struct Segment {
    int key = 0; // what is selected when it is clicked; shown as its text
    double value = 0;
};

struct SegmentRow {
    QString label;
    bool hatched = false;
    std::vector<Segment> segments;
};

struct SegmentRowsData {
    QString title;
    std::vector<SegmentRow> rows;
};

} // namespace bathy::widgets
