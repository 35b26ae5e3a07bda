// Parts that share one budget, as a single bar: what they take, how much there is, and how much of it is kept back. A
// plain value.
#pragma once

#include <QString>

#include <vector>

namespace bathy::widgets {

struct BudgetPart {
    QString name;
    double amount = 0;
    int series = 0; // colour
};

struct BudgetBarData {
    std::vector<BudgetPart> parts; // left to right
    double available = 0;          // 0: not known
    double reserve = 0;            // of it, kept back
    double total = 0;              // of the machine
    double measured = 0;           // what was taken in fact; 0: not measured
    QString spoken;                // for screen readers

    double needed() const;
    double usable() const { return available > reserve ? available - reserve : 0; }
};

} // namespace bathy::widgets
