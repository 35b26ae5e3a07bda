// Answers PlanMemory: the engine's own arithmetic in the words of the front door.
#pragma once

#include "engine/api/events.h"
#include "engine/base/result.h"
#include "engine/model/memory_fit.h"

#include <stop_token>

namespace bathy::runtime {

// What this machine has, less what is kept back for other programs; reserveBytes below 0: the engine's choice.
model::MemoryBudget memoryBudget(std::int64_t reserveBytes);

// Errors: BadArgument (a context that the model or the session cannot hold), Unsupported (a form of rows).
Result<api::MemoryPlan> planMemory(const model::OpenedModel& opened, const api::PlanMemory& command);

// Of a model that is not loaded: reads its headers. Errors: those of library::locateModel and model::openModel, too.
Result<api::MemoryPlan> planMemoryOnDisk(const api::PlanMemory& command, const std::stop_token& stop);

} // namespace bathy::runtime
