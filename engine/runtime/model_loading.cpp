// Opens a checkpoint from disk: weights, tokenizer, chat sentences, card.
#include "engine/device/registry.h"
#include "engine/library/locate.h"
#include "engine/model/load.h"
#include "engine/model/opened_model.h"
#include "engine/runtime/card.h"
#include "engine/runtime/loaded_model.h"
#include "engine/runtime/memory_planning.h"
#include "engine/runtime/model_chat.h"
#include "engine/runtime/model_tokenizer.h"
#include "engine/telemetry/events.h"

#include <algorithm>
#include <string>
#include <utility>

namespace bathy::runtime {

namespace {

// Two independent limits of what our records can say.
Result<void> checkRecordable(const model::ModelCard& card) {
    if (card.expertsPerToken > telemetry::kMaxExpertsPerToken || card.routedExperts > 65'536)
        return Error(ErrorCode::Unsupported, "config.json: num_experts_per_tok " +
                                                 std::to_string(card.expertsPerToken) + " or n_routed_experts " +
                                                 std::to_string(card.routedExperts) +
                                                 " is more than this build follows");
    return {};
}

Result<void> addTokenizer(LoadedModel& loaded, const checkpoint::Checkpoint& files) {
    auto tokenizer = loadTokenizer(files);
    if (tokenizer)
        loaded.tokenizer = *std::move(tokenizer);
    else if (tokenizer.error().code() != ErrorCode::NoTokenizer)
        return tokenizer.error();
    else
        return {}; // tokens in, tokens out
    loaded.chatFormat = loadChatFormat(files, *loaded.tokenizer);
    return {};
}

} // namespace

Result<LoadedModel> loadModelFromDisk(const api::ModelOptions& options, const LoadProgress& progress,
                                      std::stop_token stop) {
    BATHY_CHECK(device::chooseDevice(options.device));
    if (options.threads < 0 || options.threads > 1024)
        return Error(ErrorCode::BadArgument, "threads must be in 0..1024, not " + std::to_string(options.threads));
    BATHY_TRY(const auto path, library::locateModel(options.path));
    BATHY_TRY(const auto opened, model::openModel(path, stop));
    const auto facts = opened->describe();
    BATHY_CHECK(checkRecordable(facts));

    LoadedModel loaded;
    BATHY_CHECK(addTokenizer(loaded, opened->files()));
    if (stop.stop_requested())
        return cancelled();
    loaded.pool = std::make_unique<ThreadPool>(options.threads);
    model::LoadOptions load;
    load.pool = loaded.pool.get();
    load.warmUp = model::WarmUp::Read;
    load.progress = progress;
    load.force = options.force;
    if (options.reserveBytes >= 0)
        load.reserveBytes = static_cast<std::uint64_t>(options.reserveBytes);
    load.stop = std::move(stop);
    BATHY_TRY(auto weights, model::loadModel(opened, load));
    loaded.model = std::move(weights.model);
    loaded.readAhead = std::move(weights.readAhead);
    BATHY_TRY(const auto state, loaded.model->createState({}));
    loaded.card = modelCard(*opened, state->kvFormat(), options);
    addTextFacts(loaded.card, loaded.tokenizer.has_value(), loaded.chatFormat);
    loaded.endTokens = facts.endTokens;
    loaded.planMemory = [opened, threads = loaded.pool->threadCount()](const api::PlanMemory& command) {
        auto here = command;
        here.model.threads = threads;
        return planMemory(*opened, here);
    };
    return loaded;
}

} // namespace bathy::runtime
