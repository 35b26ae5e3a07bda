// What the planner shows of a memory plan: the bar, the numbers, a sentence. Pure.
#pragma once

#include "app/models/memory_planner.h"
#include "app/models/plain_table.h"
#include "widgets/budget/budget_bar_data.h"

#include <QString>

#include <vector>

namespace bathy::panels {

struct PlanInput {
    const api::MemoryPlan& plan;     // with one context
    std::uint64_t residentBytes = 0; // of the engine that has this model loaded; 0: not loaded, or not measured yet
};

struct PlanContent {
    widgets::BudgetBarData bar;
    std::vector<std::vector<models::PlainCell>>
        rows;        // part, bytes in words, for one token, where the number comes from
    QString verdict; // whether it fits, and what is missing
    QString actual;  // predicted against measured; empty: not measured
    bool fits = false;
};

PlanContent planContent(const PlanInput& input);

} // namespace bathy::panels
