// Finds the weights of a model in a checkpoint.
#pragma once

#include "engine/base/result.h"
#include "engine/model/deepseek_v4/weights.h"
#include "engine/model/weight_store.h"

namespace bathy::model::deepseek_v4 {

// Every weight of the main model, in the order in which the forward pass meets them; no draft block. Errors: those of
// WeightStore; BadFile when a hash table names an expert twice for one token; Cancelled, looked for between two layers.
Result<Weights> bindWeights(WeightStore& store, const Config& config, const std::stop_token& stop = {});

// The first MTP block, which drafts further tokens from its own streams; further blocks and DSpark stages are not used.
// Errors: those of WeightStore.
Result<DraftWeights> bindDraft(WeightStore& store, const Config& config, const std::stop_token& stop = {});

} // namespace bathy::model::deepseek_v4
