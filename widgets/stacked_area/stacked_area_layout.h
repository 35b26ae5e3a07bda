// Axes, ticks and outlines of a stacked area chart: data + size → lines. Points that share a pixel column are merged:
// the first, the last and the highest of them stay. Pure; tested as numbers.
#pragma once

#include "widgets/stacked_area/stacked_area_data.h"

#include <QSizeF>

namespace bathy::widgets {

struct ChartTick {
    double at = 0;
    QString label;
};

struct StackedAreaLayout {
    std::vector<double> x;                    // after merging
    std::vector<std::vector<double>> tops;    // cumulative, one for each area
    std::vector<std::vector<double>> heights; // of the curves
    double xLow = 0, xHigh = 1;
    double yLow = 0, yHigh = 1;
    std::vector<ChartTick> xTicks;
    std::vector<ChartTick> yTicks;
};

StackedAreaLayout layoutStackedArea(const StackedAreaData& data, QSizeF plot);

} // namespace bathy::widgets
