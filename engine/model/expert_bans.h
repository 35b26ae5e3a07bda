// Experts that a caller does without, checked against a model's shape. Pure functions.
#pragma once

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/model/model.h"

#include <span>

namespace bathy::model {

// Errors: BadArgument, naming the first ban that is not of a layer and an expert of the model.
Result<void> checkBans(const Model& model, std::span<const ExpertRef> bans);

// Sets banned[e] to 1 for the experts of `layer` that are banned and to 0 for the others; returns whether there is one.
bool markBans(std::span<const ExpertRef> bans, LayerId layer, std::span<std::uint8_t> banned);

} // namespace bathy::model
