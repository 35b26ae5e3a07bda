#include "engine/model/span_clock.h"

#include "engine/telemetry/clock.h"

#include <cassert>

namespace bathy::model {

SpanClock::SpanClock(model::SpanSink* sink) : m_sink(sink), m_now(sink ? telemetry::nowNs() : 0) {}

void SpanClock::beginSpan(telemetry::SpanKind, LayerId) {
    assert(m_open < m_begun.size());
    m_begun[m_open++] = m_now;
    m_worked = true;
}

void SpanClock::endSpan(telemetry::SpanKind kind, LayerId layer, std::uint32_t tokens) {
    assert(m_open > 0);
    if (m_worked)
        m_now = telemetry::nowNs();
    m_worked = false;
    const auto begun = m_begun[--m_open];
    m_sink->onSpan({kind, layer, tokens, begun, m_now - begun});
}

} // namespace bathy::model
