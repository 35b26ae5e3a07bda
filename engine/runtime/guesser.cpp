#include "engine/runtime/guesser.h"

#include <algorithm>

namespace bathy::runtime {

Result<std::span<const TokenId>> Guesser::guess(Generation& generation, int count, model::SpanSink* spans,
                                                const std::stop_token& stop) {
    m_guesses.clear();
    auto& session = *generation.session;
    if (count == 0 || !session.state->canGuess())
        return std::span<const TokenId>(m_guesses);
    m_logits.resize(static_cast<std::size_t>(m_model.vocabularySize()));
    // The newest token stands at the session's end, and the first guess behind it.
    const auto known = std::min(session.tokens.size(), generation.sampler.lookback());
    m_history.assign(session.tokens.end() - static_cast<std::ptrdiff_t>(known), session.tokens.end());
    m_history.push_back(generation.generated.back());
    auto position = std::ssize(session.tokens) + 1;
    while (std::ssize(m_guesses) < count) {
        BATHY_CHECK(m_model.draft(*session.state, m_history.back(), {m_logits, spans, stop}));
        const auto guess = generation.sampler.guess(m_logits, static_cast<Position>(position++), m_history);
        if (!guess)
            break; // the model itself will say so if its own logits are no better
        m_guesses.push_back(*guess);
        m_history.push_back(*guess);
    }
    return std::span<const TokenId>(m_guesses);
}

} // namespace bathy::runtime
