// Labelled horizontal bars, one a row. A plain value.
#pragma once

#include "widgets/common/number_source.h"

#include <QString>

#include <optional>
#include <vector>

namespace bathy::widgets {

struct BarRow {
    QString label;
    double share = 0; // length of the bar, 0..1
    QString text;     // the number, in words
    int series = 0;   // colour
    bool emphasised = false;
    std::optional<NumberSource> source; // shown as a badge
    QString tip;
};

struct BarListData {
    QString title; // may be empty
    std::vector<BarRow> rows;
};

} // namespace bathy::widgets
