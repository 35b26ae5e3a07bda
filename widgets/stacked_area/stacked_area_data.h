// Areas stacked upon each other, and curves, over one horizontal axis of token counts; heights are bytes. A plain
// value.
#pragma once

#include <QString>

#include <cmath>
#include <vector>

namespace bathy::widgets {

struct AreaSeries {
    QString name;
    int series = 0;             // colour
    std::vector<double> values; // one for each x
};

struct CurveSeries {
    QString name;
    int series = 0;
    std::vector<double> values; // one for each x
    bool dashed = false;
};

struct StackedAreaData {
    std::vector<double> x;         // ascending
    std::vector<AreaSeries> areas; // the first lies lowest
    std::vector<CurveSeries> curves;
    double marker = NAN; // x of a vertical line
    QString markerName;
    QString xTitle;
    QString yTitle;
    bool logarithmic = false; // the heights; areas, which would mean nothing then, are left out
};

} // namespace bathy::widgets
