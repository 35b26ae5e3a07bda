// Applies one plan of the scheduler to one generation: feeds tokens, samples, reports. Engine thread.
#pragma once

#include "engine/base/result.h"
#include "engine/runtime/event_queue.h"
#include "engine/runtime/generation.h"
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
    // Feeds the newest token and samples the next. Errors as above.
    Result<void> decode(Generation& generation, const std::stop_token& stop);
    // The texts of tokens that listeners were not told yet.
    void tellTexts(std::span<const TokenId> tokens);

private:
    Result<void> step(Generation& generation, std::span<const TokenId> tokens, bool wantLogits,
                      const std::stop_token& stop);
    Result<void> sampleNext(Generation& generation);
    void reportChoice(const Generation& generation, const sampler::Choice& choice, Position position);
    void reportProgress(Generation& generation);
    void reportMemory();

    LoadedModel& m_loaded;
    EventQueue& m_events;
    Recorder& m_recorder;
    std::vector<float> m_logits; // [vocabulary]
    std::vector<bool> m_told;    // by token id: its text was sent
    std::int64_t m_lastMemoryNs = 0;
};

} // namespace bathy::runtime
