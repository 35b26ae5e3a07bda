// What the memory panel shows: bytes by part, over the conversation and up to the context limit, each with where the
// number comes from. Pure.
#pragma once

#include "app/models/plain_table.h"
#include "app/models/run_data.h"
#include "app/models/run_recorder.h"
#include "widgets/bars/bar_list_data.h"
#include "widgets/stacked_area/stacked_area_data.h"

#include <QString>

#include <memory>
#include <vector>

namespace bathy::panels {

enum class MemoryView { Conversation, Forecast };

struct MemoryInput {
    models::RunDataPtr run;                      // may be null
    std::shared_ptr<const api::ModelCard> card;  // may be null
    std::shared_ptr<const api::MemoryPlan> plan; // may be null
    telemetry::MemoryEvent process;              // zeros: not measured yet
    std::int64_t markedToken = -1;               // the selected one; -1: none
};

struct MemoryContent {
    widgets::StackedAreaData history;                  // parts of the conversation's memory over its length
    widgets::StackedAreaData forecast;                 // this model and two others up to the context limit
    widgets::BarListData parts;                        // of the conversation, now
    widgets::BarListData process;                      // weights, scratch, conversation, resident
    widgets::BarListData atLimit;                      // at the context limit, this model and two others
    std::vector<std::vector<models::PlainCell>> table; // group, what, bytes, in words, source, explanation
    QString historyCaption;
    QString forecastCaption;

    bool hasHistory() const { return !history.x.empty(); }
    bool hasForecast() const { return !forecast.x.empty(); }
};

MemoryContent memoryContent(const MemoryInput& input);

// Token counts to ask the engine's plan for: even steps for the picture, doublings for its logarithmic form.
std::vector<std::int64_t> forecastContexts(std::int64_t contextLimit);

} // namespace bathy::panels
