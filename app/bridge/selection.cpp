#include "app/bridge/selection.h"

#include <algorithm>

namespace bathy::bridge {

void Selection::set(const SelectionState& state) {
    if (state == m_state)
        return;
    m_state = state;
    Q_EMIT changed(m_state);
}

void Selection::setSession(SessionId session) {
    if (session == m_state.session)
        return;
    m_tokenCount = 0;
    m_anchor = 0;
    auto next = m_state;
    next.session = session;
    next.tokens = {};
    set(next);
}

void Selection::setTokenCount(std::int64_t count) {
    m_tokenCount = std::max<std::int64_t>(count, 0);
    if (m_state.tokens.end > m_tokenCount)
        selectTokens(m_state.tokens);
}

void Selection::selectTokens(TokenRange range) {
    range.begin = std::clamp<std::int64_t>(range.begin, 0, m_tokenCount);
    range.end = std::clamp<std::int64_t>(range.end, 0, m_tokenCount);
    if (range.isEmpty())
        range = {};
    m_anchor = range.begin;
    auto next = m_state;
    next.tokens = range;
    set(next);
}

void Selection::extendTo(std::int64_t position) {
    if (m_state.tokens.isEmpty()) {
        selectToken(position);
        return;
    }
    const auto anchor = m_anchor;
    selectTokens({std::min(anchor, position), std::max(anchor, position) + 1});
    m_anchor = anchor;
}

void Selection::selectExpert(std::optional<LayerId> layer, std::optional<ExpertId> expert) {
    auto next = m_state;
    next.layer = layer;
    next.expert = layer ? expert : std::nullopt;
    set(next);
}

void Selection::step(int by) {
    if (m_tokenCount == 0 || by == 0)
        return;
    const auto& tokens = m_state.tokens;
    const auto last = m_tokenCount - 1;
    if (tokens.isEmpty()) {
        selectToken(last);
        return;
    }
    const auto from = by < 0 ? tokens.begin : tokens.end - 1;
    selectToken(std::clamp<std::int64_t>(from + by, 0, last));
}

} // namespace bathy::bridge
