#include "engine/runtime/recorder.h"

#include "engine/telemetry/clock.h"

#include <algorithm>

namespace bathy::runtime {

namespace {
constexpr std::int64_t kReportIntervalNs = 250'000'000;
} // namespace

void Recorder::beginStep(GenerationId generation, std::span<const TokenId> tokens, bool certain) {
    m_owner.check();
    m_certain = certain;
    m_held.clear();
    m_generation = generation;
    m_tokens = tokens;
}

void Recorder::endStep(std::int64_t beginNs) {
    const auto now = telemetry::nowNs();
    if (m_spans)
        onSpan({telemetry::SpanKind::Step, LayerId{-1}, static_cast<std::uint32_t>(m_tokens.size()), beginNs,
                now - beginNs});
    const auto dropped = m_droppedRouting + m_droppedSpans;
    if (dropped != m_droppedReported || now - m_lastReportNs > kReportIntervalNs) {
        m_droppedReported = dropped;
        m_lastReportNs = now;
        m_queue.recordReliably(telemetry::DropEvent{m_droppedRouting, m_droppedSpans,
                                                    static_cast<std::uint32_t>(m_queue.ringUsedBytes()),
                                                    static_cast<std::uint32_t>(m_queue.ringCapacityBytes())});
    }
}

void Recorder::onRouting(LayerId layer, Position firstPosition, int picks, std::span<const std::int32_t> experts,
                         std::span<const float> weights) {
    m_owner.check();
    const auto count = static_cast<std::size_t>(picks);
    telemetry::RoutingEvent event;
    event.generation = m_generation;
    event.layer = layer;
    const auto tokens = std::min(m_tokens.size(), experts.size() / std::max<std::size_t>(count, 1));
    for (std::size_t t = 0; t < tokens; ++t) {
        event.position = static_cast<Position>(raw(firstPosition) + static_cast<std::int64_t>(t));
        event.token = m_tokens[t];
        event.count = 0;
        for (std::size_t i = t * count; i < (t + 1) * count; ++i) {
            if (experts[i] < 0)
                continue; // left empty by a ban
            event.expert[event.count] = static_cast<std::uint16_t>(experts[i]);
            event.weight[event.count++] = weights[i];
        }
        if (m_certain)
            recordRouting(event);
        else
            m_held.push_back(event);
    }
}

void Recorder::recordRouting(const telemetry::RoutingEvent& event) {
    if (!m_queue.recordIfRoom(event))
        ++m_droppedRouting;
}

void Recorder::settle(std::size_t count) {
    m_owner.check();
    // Positions ascend within a layer, so the step's first one is that of the first event.
    for (const auto& event : m_held)
        if (raw(event.position) - raw(m_held.front().position) < static_cast<std::int64_t>(count))
            recordRouting(event);
    m_held.clear();
}

void Recorder::onSpan(const telemetry::SpanEvent& span) {
    m_owner.check();
    if (!m_queue.recordIfRoom(span))
        ++m_droppedSpans;
}

} // namespace bathy::runtime
