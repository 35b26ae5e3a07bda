// Guesses the next tokens of a generation with the model's draft block. Engine thread.
#pragma once

#include "engine/base/result.h"
#include "engine/model/model.h"
#include "engine/runtime/generation.h"

#include <span>
#include <stop_token>
#include <vector>

namespace bathy::runtime {

class Guesser {
public:
    explicit Guesser(model::Model& model) : m_model(model) {}

    // Up to `count` tokens that may follow the newest one, which was not fed yet; none where the state cannot guess.
    // Valid until the next call. Errors: those of model::Model::draft.
    Result<std::span<const TokenId>> guess(Generation& generation, int count, model::SpanSink* spans,
                                           const std::stop_token& stop);

private:
    model::Model& m_model;
    std::vector<float> m_logits;
    std::vector<TokenId> m_history; // the session's last tokens, the newest one and the guesses behind it
    std::vector<TokenId> m_guesses;
};

} // namespace bathy::runtime
