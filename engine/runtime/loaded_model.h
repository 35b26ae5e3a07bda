// Everything that comes with a checkpoint once it is open, and the function that opens one. The engine thread owns it.
#pragma once

#include "engine/api/events.h"
#include "engine/api/options.h"
#include "engine/base/result.h"
#include "engine/base/thread_pool.h"
#include "engine/model/model.h"
#include "engine/model/read_ahead.h"
#include "engine/telemetry/clock.h"
#include "engine/tokenizer/chat_format.h"
#include "engine/tokenizer/tokenizer.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace bathy::runtime {

struct LoadedModel {
    std::unique_ptr<ThreadPool> pool; // first: outlives the model that computes on it
    std::shared_ptr<model::Model> model;
    std::shared_ptr<model::ReadAhead> readAhead; // reads the rest of the weights while the model works; may be null
    std::optional<tokenizer::Tokenizer> tokenizer;
    tokenizer::ChatFormat chatFormat;
    std::vector<TokenId> endTokens; // generation ends after any of these
    api::ModelCard card;
    std::function<Result<api::MemoryPlan>(const api::PlanMemory& command)> planMemory; // of this model
    std::function<std::int64_t()> clock = telemetry::nowNs; // ns; what its steps cost is read from it
};

using LoadProgress = std::function<void(std::uint64_t doneBytes, std::uint64_t totalBytes)>;
using ModelLoader = std::function<Result<LoadedModel>(const api::ModelOptions& options, const LoadProgress& progress,
                                                      std::stop_token stop)>;

// The real one: any checkpoint this build can run. Errors: those of model::loadModel and Tokenizer::load; DeviceMissing
// for a device this build does not have.
Result<LoadedModel> loadModelFromDisk(const api::ModelOptions& options, const LoadProgress& progress,
                                      std::stop_token stop);

} // namespace bathy::runtime
