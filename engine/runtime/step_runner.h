// Applies one plan of the scheduler to one generation: feeds tokens, samples, reports. Engine thread.
#pragma once

#include "engine/base/result.h"
#include "engine/runtime/event_queue.h"
#include "engine/runtime/generation.h"
#include "engine/runtime/guesser.h"
#include "engine/runtime/loaded_model.h"
#include "engine/runtime/recorder.h"

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

namespace bathy::runtime {

class StepRunner {
public:
    StepRunner(LoadedModel& loaded, EventQueue& events, Recorder& recorder);

    // One prefill step of `tokens` tokens; after the prompt's last one the first token of the answer is sampled.
    // Errors: those of model::Model::forward. Cancelled leaves the generation as it was before the step.
    Result<void> prefill(Generation& generation, std::int64_t tokens, const std::stop_token& stop);
    // Feeds the newest token and samples the next; where guessing pays, feeds guesses behind it and samples as many
    // more as were right. The tokens are the same with and without. Errors as above.
    Result<void> decode(Generation& generation, const std::stop_token& stop);
    // The texts of tokens that listeners were not told yet.
    void tellTexts(std::span<const TokenId> tokens);

private:
    // A token that was sampled, and what a step without it would have known.
    struct Sampled {
        sampler::Choice choice;
        telemetry::GuessOutcome guess{};
        TokenId guessed{};
    };

    // Feeds `tokens`; the last `guesses` of them may be taken back.
    Result<void> feed(Generation& generation, std::span<const TokenId> tokens, std::size_t guesses, std::size_t logits,
                      const std::stop_token& stop);
    Result<Sampled> sample(Generation& generation, std::size_t row, std::size_t known);
    Result<void> sampleWhileRight(Generation& generation, std::span<const TokenId> guesses);
    void settle(Generation& generation, std::size_t fedBefore);
    void deliver(Generation& generation, const Sampled& sampled, std::int64_t gainNs);
    bool isEnd(TokenId token) const;
    void reportChoice(const Generation& generation, const Sampled& sampled, Position position, std::int64_t gainNs);
    void reportMemory(const Session& session);
    void reportProgress(Generation& generation);

    LoadedModel& m_loaded;
    EventQueue& m_events;
    Recorder& m_recorder;
    Guesser m_guesser;
    std::vector<float> m_logits;    // [1 + guesses, vocabulary]
    std::vector<TokenId> m_fed;     // by the running step of decoding
    std::vector<Sampled> m_sampled; // from its logits
    std::vector<bool> m_told;       // by token id: its text was sent
    std::int64_t m_lastMemoryNs = 0;
};

} // namespace bathy::runtime
