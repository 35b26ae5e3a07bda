// Answers questions about positions that are past: a scratch copy of the session goes back to the nearest checkpoint
// and takes the tokens in again up to the position, a few at a time, so that running answers keep flowing. Engine
// thread.
#pragma once

#include "engine/api/events.h"
#include "engine/base/result.h"
#include "engine/model/model.h"
#include "engine/runtime/session.h"

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace bathy::runtime {

// More would keep the engine from everything else for too long.
inline constexpr std::int64_t kMaxReplayTokens = 8192;

class ProbeRunner {
public:
    // Of several waiting probes with one tag only the newest stays; the requests that were dropped are returned.
    // Errors: BadArgument (position or layer not there), Busy (too many tokens to compute again).
    Result<std::vector<api::RequestId>> add(const api::Probe& probe, std::stop_token stop, const Session& session,
                                            const model::Model& model);
    bool idle() const { return m_waiting.empty(); }

    struct Outcome {
        api::RequestId request{};
        Result<api::ProbeAnswer> answer;
    };
    // One piece of work on the oldest probe. Nothing while it is not finished. `interrupt` only ends the piece.
    std::optional<Outcome> step(model::Model& model, const std::stop_token& interrupt);
    // Ends all; their requests are returned.
    std::vector<api::RequestId> clear();

private:
    struct Task {
        api::Probe probe;
        std::stop_token stop;
        std::unique_ptr<model::SequenceState> state;
        std::vector<ExpertRef> bannedExperts; // as the session had them
        std::vector<TokenId> replay;          // tokens still to take in; the last one is the position asked for
        std::size_t done = 0;
    };

    static Result<api::ProbeAnswer> answerAtPosition(Task& task, model::Model& model, const std::stop_token& stop);

    std::list<Task> m_waiting; // oldest first
};

} // namespace bathy::runtime
