// What a state checks before it takes in bytes that were kept of another.
#pragma once

#include "engine/model/model.h"

namespace bathy::model {

// Errors: BadArgument (the state is not empty), ContextFull (`length` tokens are more than it can hold), BadFile
// (positions that cannot be).
Result<void> checkRestore(const SequenceState& state, std::int64_t begin, std::int64_t length);

} // namespace bathy::model
