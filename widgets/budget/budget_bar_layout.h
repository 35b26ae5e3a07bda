// Where the parts and marks of a budget bar go. Pure; tested as numbers.
#pragma once

#include "widgets/budget/budget_bar_data.h"

#include <QRectF>

#include <vector>

namespace bathy::widgets {

struct BudgetBarLayout {
    double scale = 0;          // pixels for one unit
    QRectF frame;              // of the whole machine
    QRectF kept;               // the reserve, inside what is available; empty: none
    std::vector<QRectF> parts; // each at least a pixel wide; behind one another
    double usableX = 0;        // right end of what may be used
    double measuredX = -1;     // below 0: none
    bool overflows = false;    // the parts reach beyond usableX

    int partAt(QPointF point) const; // -1: none
};

BudgetBarLayout layoutBudgetBar(const BudgetBarData& data, QSizeF size);

} // namespace bathy::widgets
