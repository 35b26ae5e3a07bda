#include "widgets/stacked_area/stacked_area_layout.h"

#include "widgets/colour/colour_scale.h"
#include "widgets/common/number_format.h"

#include <algorithm>

namespace bathy::widgets {
namespace {

constexpr double kXTickSpace = 56; // pixels a label on the horizontal axis needs
constexpr double kYTickSpace = 34;
constexpr double kHeadroom = 1.05;

double sumAt(const StackedAreaData& data, std::size_t i) {
    double sum = 0;
    for (const auto& area : data.areas)
        sum += area.values[i];
    return sum;
}

double highestAt(const StackedAreaData& data, std::size_t i) {
    double highest = sumAt(data, i);
    for (const auto& curve : data.curves)
        highest = std::max(highest, curve.values[i]);
    return highest;
}

std::vector<std::size_t> mergedPoints(const StackedAreaData& data, double columns) {
    const double low = data.x.front();
    const double span = std::max(data.x.back() - low, 1e-12);
    const auto columnOf = [&](std::size_t i) { return std::floor((data.x[i] - low) / span * columns); };
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < data.x.size();) {
        std::size_t end = i;
        std::size_t highest = i;
        while (end < data.x.size() && columnOf(end) == columnOf(i)) {
            if (highestAt(data, end) > highestAt(data, highest))
                highest = end;
            ++end;
        }
        for (const auto point : {i, highest, end - 1})
            if (kept.empty() || kept.back() < point)
                kept.push_back(point);
        i = end;
    }
    return kept;
}

void addTicks(StackedAreaLayout& layout, const StackedAreaData& data, QSizeF plot) {
    const int most = std::max(2, static_cast<int>(plot.width() / kXTickSpace));
    for (const double at : ColourScale({layout.xLow, layout.xHigh}, ScaleKind::Linear).ticks(most))
        layout.xTicks.push_back({at, formatCount(at)});
    const double rows = std::max(2.0, std::floor(plot.height() / kYTickSpace));
    if (!data.logarithmic) {
        const double step = niceBinaryStep(layout.yHigh / rows);
        for (double at = 0; at <= layout.yHigh; at += step)
            layout.yTicks.push_back({at, formatBytes(at)});
        return;
    }
    const double decades = std::log2(layout.yHigh / layout.yLow);
    const double powers = std::max(1.0, std::ceil(decades / rows));
    for (double power = std::ceil(std::log2(layout.yLow)); std::exp2(power) <= layout.yHigh; power += powers)
        layout.yTicks.push_back({std::exp2(power), formatBytes(std::exp2(power))});
}

} // namespace

StackedAreaLayout layoutStackedArea(const StackedAreaData& data, QSizeF plot) {
    StackedAreaLayout layout;
    layout.tops.resize(data.areas.size());
    layout.heights.resize(data.curves.size());
    if (data.x.empty())
        return layout;
    double lowest = 0; // above zero
    double highest = 0;
    for (const auto i : mergedPoints(data, std::max(plot.width(), 1.0))) {
        layout.x.push_back(data.x[i]);
        double top = 0;
        for (std::size_t a = 0; a < data.areas.size(); ++a) {
            top += data.areas[a].values[i];
            layout.tops[a].push_back(top);
        }
        for (std::size_t c = 0; c < data.curves.size(); ++c) {
            layout.heights[c].push_back(data.curves[c].values[i]);
            const double value = data.curves[c].values[i];
            if (value > 0)
                lowest = lowest > 0 ? std::min(lowest, value) : value;
        }
        if (top > 0)
            lowest = lowest > 0 ? std::min(lowest, top) : top;
        highest = std::max(highest, highestAt(data, i));
    }
    layout.xLow = data.x.front();
    layout.xHigh = std::max(data.x.back(), layout.xLow + 1);
    layout.yHigh = std::max(highest * kHeadroom, 1.0);
    layout.yLow = data.logarithmic ? std::min(std::max(lowest, 1.0), layout.yHigh / 2) : 0;
    addTicks(layout, data, plot);
    return layout;
}

} // namespace bathy::widgets
