#include "app/panels/tokens/token_strip_content.h"

#include "app/models/token_display.h"

#include <algorithm>
#include <limits>

namespace bathy::panels {
namespace {

constexpr std::int64_t kUnsettledTokens = 256; // the newest are made again: their text may have come since
constexpr std::int64_t kMissing = std::numeric_limits<std::int64_t>::min(); // key of the glyph for a gap

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

std::int32_t TokenStripContent::glyphOf(const models::RunData& run, std::int64_t position) {
    const auto* row = run.token(position);
    const bool isKnown = row && run.texts->knows(row->token);
    const std::int64_t key = !row ? kMissing : isKnown ? raw(row->token) : -1 - std::int64_t{raw(row->token)};
    const auto [found, isNew] = m_indexes.try_emplace(key, static_cast<std::int32_t>(m_glyphs->size()));
    if (isNew) {
        widgets::TokenGlyph glyph{QStringLiteral("…"), false, false};
        if (isKnown) {
            const auto bytes = run.texts->bytes(row->token);
            const auto name = models::specialName(bytes);
            glyph = {name.isEmpty() ? models::visibleText(bytes) : name, models::endsLine(bytes), !name.isEmpty()};
        } else if (row) {
            glyph.text = QStringLiteral("#%1").arg(raw(row->token));
        }
        m_glyphs->push_back(std::move(glyph));
    }
    return found->second;
}

std::shared_ptr<const widgets::TokenStripData> TokenStripContent::make(const models::RunDataPtr& run,
                                                                       bridge::TokenRange range, TokenTint tint) {
    if (run->texts != m_texts) { // another model: other texts for the same ids
        m_texts = run->texts;
        m_glyphs = std::make_shared<std::vector<widgets::TokenGlyph>>();
        m_indexes.clear();
        m_last.reset();
    }
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
        made->items.push_back({position, glyphOf(*run, position), value});
    }
    made->glyphs = m_glyphs;
    m_run = run;
    m_tint = tint;
    m_last = made;
    return made;
}

} // namespace bathy::panels
