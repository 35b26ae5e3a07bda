#include "app/panels/tokens/token_strip_content.h"

#include <algorithm>

namespace bathy::panels {
namespace {

constexpr std::int64_t kUnsettledTokens = 256; // the newest are made again: their text may have come since

float tintOf(const models::TokenRow* row, TokenTint tint) {
    if (!row || !row->isGenerated())
        return NAN;
    switch (tint) {
    case TokenTint::Probability:
        return 1 - row->probability;
    case TokenTint::Entropy:
        return row->entropy;
    case TokenTint::Guess:
        break;
    }
    return row->guess == telemetry::GuessOutcome::None    ? NAN
           : row->guess == telemetry::GuessOutcome::Right ? kRightGuess
                                                          : kWrongGuess;
}

} // namespace

bridge::TokenRange stripRange(const models::RunData& run, const bridge::SelectionState& selected, TokenScope scope) {
    if (scope == TokenScope::Conversation)
        return {0, run.tokenCount};
    const auto* answer = selected.tokens.isEmpty() ? nullptr : run.answerAt(selected.tokens.begin);
    if (!answer)
        answer = run.lastAnswer();
    return answer ? bridge::TokenRange{answer->begin, answer->end} : bridge::TokenRange{};
}

std::shared_ptr<const widgets::TokenStripData> TokenStripContent::make(const models::RunDataPtr& run,
                                                                       bridge::TokenRange range, TokenTint tint) {
    if (m_glyphs.begin(*run))
        m_last.reset();
    const bool goesOn = m_last && m_run && m_run->session == run->session && m_run->epoch == run->epoch &&
                        m_tint == tint && !m_last->items.empty() && m_last->items.front().position == range.begin;
    auto made = std::make_shared<widgets::TokenStripData>();
    made->items.reserve(static_cast<std::size_t>(range.size()));
    if (goesOn) {
        const auto kept = std::clamp<std::int64_t>(static_cast<std::int64_t>(m_last->items.size()) - kUnsettledTokens,
                                                   0, range.size());
        made->items.assign(m_last->items.begin(), m_last->items.begin() + kept);
    } else {
        m_largest = 0;
    }
    for (auto position = range.begin + static_cast<std::int64_t>(made->items.size()); position < range.end;
         ++position) {
        const float value = tintOf(run->token(position), tint);
        if (!std::isnan(value))
            m_largest = std::max<double>(m_largest, value);
        made->items.push_back({position, m_glyphs.indexOf(*run, position), value});
    }
    made->glyphs = m_glyphs.all();
    m_run = run;
    m_tint = tint;
    m_last = made;
    return made;
}

} // namespace bathy::panels
