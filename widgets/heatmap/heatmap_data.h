// What a heatmap shows: rows × columns of numbers, and for each row what stands beside it. Immutable once handed to a
// view. Any thread.
#pragma once

#include <QString>

#include <cmath>
#include <vector>

namespace bathy::widgets {

struct HeatmapCell {
    int row = -1;
    int column = -1;
    bool isValid() const { return row >= 0 && column >= 0; }
    friend bool operator==(const HeatmapCell&, const HeatmapCell&) = default;
};

struct HeatmapRow {
    QString label;              // "0"
    bool hatched = false;       // its header is hatched: the caption says what that means
    double bar = NAN;           // 0..1, drawn at the row's end; NaN: none
    std::vector<QString> notes; // texts at the row's end, one per noteTitles
};

struct HeatmapData {
    int rows = 0;
    int columns = 0;
    std::vector<float> values; // [rows, columns], ≥ 0; NaN: nothing known
    std::vector<HeatmapRow> rowInfo;
    QString rowTitle;    // "layer"
    QString columnTitle; // "expert"
    QString barTitle;    // over the bars; empty: no bars
    std::vector<QString> noteTitles;
    std::vector<HeatmapCell> crossed; // struck out: the caption says what that means

    bool isEmpty() const { return rows == 0 || columns == 0; }
    float value(int row, int column) const {
        return values[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) +
                      static_cast<std::size_t>(column)];
    }
    float largest() const; // of all known values; 0 when none
};

} // namespace bathy::widgets
