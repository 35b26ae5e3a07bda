// One run of prefill and decode, between its command and its end. Plain data that the step runner works on. Engine
// thread.
#pragma once

#include "engine/api/events.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/session.h"
#include "engine/runtime/text_stream.h"
#include "engine/sampler/sampler.h"

#include <cstdint>
#include <stop_token>
#include <vector>

namespace bathy::runtime {

struct Generation {
    GenerationId id{};
    api::RequestId request{};
    Session* session = nullptr;
    std::stop_token stop;

    std::vector<TokenId> prompt;
    std::vector<std::int64_t> checkpoints; // positions still to come where a prefill step ends and one is kept
    std::int64_t reused = 0;
    std::int64_t maxTokens = 0; // 0: no limit
    int speculate = api::kSpeculateOff;
    sampler::Sampler sampler;
    TextStream text;

    WorkPhase phase = WorkPhase::Prefill;
    std::vector<TokenId> generated{}; // the last one was not fed yet
    std::uint64_t lastServed = 0;
    bool done = false;
    api::FinishReason reason{};
    api::Speculation speculation{};

    std::int64_t startedNs = 0;
    std::int64_t prefillBeganNs = 0;
    std::int64_t firstTokenNs = 0; // 0: none yet
    std::int64_t lastProgressNs = 0;

    Work work() const;
    // Guesses to make before the next step of decoding: none behind the last token that is wanted or fits.
    int guesses() const;
    // Whether the next step shall keep what guesses need.
    bool keepsDrafts() const;
    void finish(api::FinishReason why) {
        done = true;
        reason = why;
    }
};

} // namespace bathy::runtime
