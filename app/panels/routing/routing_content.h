// What the routing heatmap shows of a conversation: which tokens, which number, as plain data. Pure.
#pragma once

#include "app/bridge/selection.h"
#include "app/models/range_totals.h"
#include "app/models/run_data.h"
#include "widgets/heatmap/heatmap_data.h"

#include <QString>

#include <memory>

namespace bathy::panels {

enum class RoutingScope { SelectedTokens, Answer, Conversation };
enum class RoutingMeasure { Times, AgainstEven, MeanWeight };

struct RoutingContent {
    RoutingScope scope = RoutingScope::Answer;
    RoutingMeasure measure = RoutingMeasure::Times; // what is shown; one token alone always shows weights
    bridge::TokenRange tokens;                      // that were counted
    models::RunDataPtr run;
    std::shared_ptr<const models::ExpertTotals> totals;
    std::shared_ptr<const widgets::HeatmapData> map;
    bool hasHashLayers = false;
};

// Null run or nothing routed yet: an empty map. `cache` is kept by the caller between calls. `banned`: experts that the
// next answer goes without; they are struck out.
RoutingContent routingContent(const models::RunDataPtr& run, const bridge::SelectionState& selected, RoutingScope scope,
                              RoutingMeasure measure, models::RangeTotals& cache,
                              const std::vector<ExpertRef>& banned = {});

// For the tool tip and the screen reader.
QString describeExpert(const RoutingContent& content, int layer, int expert);
// Under the map: how to read it.
QString routingCaption(const RoutingContent& content);
// In place of an empty map: what would fill it, or why nothing can. Null: no model is known yet.
QString routingEmptyText(const api::ModelCard* card);
QString formatMeasure(RoutingMeasure measure, double value);

} // namespace bathy::panels
