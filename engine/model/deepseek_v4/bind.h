// Finds every weight of the main model in a checkpoint. Draft stages (mtp.*) are left alone: they are bound by what
// drafts with them.
#pragma once

#include "engine/base/result.h"
#include "engine/model/deepseek_v4/weights.h"
#include "engine/model/weight_store.h"

namespace bathy::model::deepseek_v4 {

// In the order in which the forward pass meets them. Errors: those of WeightStore; BadFile when a hash table names an
// expert twice for one token; Cancelled, looked for between two layers.
Result<Weights> bindWeights(WeightStore& store, const Config& config, const std::stop_token& stop = {});

} // namespace bathy::model::deepseek_v4
