#include "engine/runtime/generation.h"

#include <algorithm>

namespace bathy::runtime {

Work Generation::work() const {
    Work work;
    work.generation = id;
    work.phase = phase;
    work.position = static_cast<std::int64_t>(session->tokens.size());
    work.prefillEnd = checkpoints.empty() ? static_cast<std::int64_t>(prompt.size()) : checkpoints.front();
    work.prefillChunk = session->prefillChunk;
    work.lastServed = lastServed;
    work.stopping = done || stop.stop_requested();
    return work;
}

int Generation::guesses() const {
    if (speculate == api::kSpeculateOff)
        return 0;
    // A step gives one token without any guess.
    auto most = session->state->contextLimit() - std::ssize(session->tokens) - 2;
    if (maxTokens > 0)
        most = std::min(most, maxTokens - std::ssize(generated) - 1);
    const auto limit = static_cast<int>(std::clamp<std::int64_t>(most, 0, api::kMostGuesses));
    if (speculate == api::kSpeculateAuto)
        return session->pace.next(limit);
    return session->pace.plainNs() == 0 ? 0 : std::min(limit, speculate);
}

bool Generation::keepsDrafts() const {
    if (speculate == api::kSpeculateAuto && phase == WorkPhase::Decode)
        return session->pace.follows();
    return speculate != api::kSpeculateOff;
}

} // namespace bathy::runtime
