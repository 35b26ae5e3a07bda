#include "app/models/kv_history.h"

namespace bathy::models {

void KvHistory::cut(std::int64_t tokens) {
    while (!m_points.empty() && m_points.back().tokens > tokens)
        m_points.pop_back();
}

void KvHistory::add(const telemetry::KvEvent& event) {
    while (!m_points.empty() && m_points.back().tokens >= event.tokens)
        m_points.pop_back();
    // The last point is provisional: it stays only when it is a stride away from the one before it.
    const auto n = m_points.size();
    if (n >= 2 && m_points[n - 1].tokens - m_points[n - 2].tokens < m_stride)
        m_points.pop_back();
    m_points.push_back(event);
    if (m_points.size() <= kMaxPoints)
        return;
    m_stride *= 2;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < m_points.size(); ++i) {
        const bool isLast = i + 1 == m_points.size();
        if (kept == 0 || isLast || m_points[i].tokens - m_points[kept - 1].tokens >= m_stride)
            m_points[kept++] = m_points[i];
    }
    m_points.resize(kept);
    while (m_points.size() > kMaxPoints / 2 + 1 && m_points.size() > 2) {
        // Points were farther apart than the stride (long prefill steps): thin by index instead.
        kept = 0;
        for (std::size_t i = 0; i < m_points.size(); ++i)
            if (i % 2 == 0 || i + 1 == m_points.size())
                m_points[kept++] = m_points[i];
        m_points.resize(kept);
    }
}

std::optional<telemetry::KvEvent> KvHistory::latest() const {
    if (m_points.empty())
        return std::nullopt;
    return m_points.back();
}

} // namespace bathy::models
