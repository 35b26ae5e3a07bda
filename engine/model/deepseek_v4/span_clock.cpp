#include "engine/model/deepseek_v4/span_clock.h"

#include <cassert>
#include <chrono>

namespace bathy::model::deepseek_v4 {
namespace {

std::int64_t nowNs() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

} // namespace

void SpanClock::beginSpan(telemetry::SpanKind, LayerId) {
    assert(m_open < m_begun.size());
    m_begun[m_open++] = nowNs();
}

void SpanClock::endSpan(telemetry::SpanKind kind, LayerId layer, std::uint32_t tokens) {
    assert(m_open > 0);
    const auto begun = m_begun[--m_open];
    m_sink->onSpan({kind, layer, tokens, begun, nowNs() - begun});
}

} // namespace bathy::model::deepseek_v4
