// Opens a checkpoint from disk: weights, tokenizer, chat sentences, card.
#include "engine/device/registry.h"
#include "engine/library/locate.h"
#include "engine/model/deepseek_v4/open.h"
#include "engine/model/load.h"
#include "engine/runtime/card.h"
#include "engine/runtime/loaded_model.h"
#include "engine/telemetry/events.h"

#include <algorithm>
#include <string>
#include <utility>

namespace bathy::runtime {

namespace {

// Two independent limits of what our records can say.
Result<void> checkRecordable(const model::deepseek_v4::Config& config) {
    if (config.expertsPerToken > telemetry::kMaxExpertsPerToken || config.routedExperts > 65'536)
        return Error(ErrorCode::Unsupported, "config.json: num_experts_per_tok " +
                                                 std::to_string(config.expertsPerToken) + " or n_routed_experts " +
                                                 std::to_string(config.routedExperts) +
                                                 " is more than this build follows");
    return {};
}

Result<void> addTokenizer(LoadedModel& loaded, const std::filesystem::path& folder) {
    auto tokenizer = tokenizer::Tokenizer::load(folder);
    if (tokenizer)
        loaded.tokenizer = *std::move(tokenizer);
    else if (tokenizer.error().code() != ErrorCode::NoTokenizer)
        return tokenizer.error();
    else
        return {}; // tokens in, tokens out
    loaded.chatConstants = tokenizer::loadChatConstants(folder);
    return {};
}

} // namespace

Result<LoadedModel> loadModelFromDisk(const api::ModelOptions& options, const LoadProgress& progress,
                                      std::stop_token stop) {
    BATHY_CHECK(device::chooseDevice(options.device));
    if (options.threads < 0 || options.threads > 1024)
        return Error(ErrorCode::BadArgument, "threads must be in 0..1024, not " + std::to_string(options.threads));
    BATHY_TRY(const auto path, library::locateModel(options.path));
    BATHY_TRY(const auto opened, model::deepseek_v4::openModel(path, stop));
    BATHY_CHECK(checkRecordable(opened.config));

    LoadedModel loaded;
    BATHY_CHECK(addTokenizer(loaded, opened.checkpoint.folder()));
    if (stop.stop_requested())
        return cancelled();
    loaded.pool = std::make_unique<ThreadPool>(options.threads);
    model::LoadOptions load;
    load.pool = loaded.pool.get();
    load.warmUp = model::WarmUp::Read;
    load.progress = progress;
    load.stop = std::move(stop);
    BATHY_TRY(auto weights, model::loadModel(path, load));
    loaded.model = std::move(weights.model);
    loaded.readAhead = std::move(weights.readAhead);
    BATHY_TRY(const auto state, loaded.model->createState({}));
    loaded.card = modelCard(opened, state->kvFormat());
    addTextFacts(loaded.card, loaded.tokenizer.has_value(), loaded.chatConstants);
    for (const auto id : opened.config.eosTokens)
        loaded.endTokens.push_back(static_cast<TokenId>(id));
    loaded.planMemory = [config = opened.config, draft = opened.draft.kind](KvFormat format, std::int64_t context) {
        return plannedMemory(config, draft, format, context);
    };
    return loaded;
}

} // namespace bathy::runtime
