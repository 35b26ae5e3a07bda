// Turns what a step reports into telemetry records. Hot: nothing here allocates unless the consumer is so slow that the
// ring is full of records that must not be lost. Engine thread.
#pragma once

#include "engine/base/thread_owner.h"
#include "engine/model/model.h"
#include "engine/runtime/event_queue.h"

#include <cstdint>
#include <span>
#include <vector>

namespace bathy::runtime {

class Recorder final : public model::RoutingSink, public model::SpanSink {
public:
    explicit Recorder(EventQueue& queue) : m_queue(queue) {}

    void setRecording(bool routing, bool spans) {
        m_routing = routing;
        m_spans = spans;
    }

    // The step that is about to run: whose tokens, and which. The span must outlive the step. `certain`: all of them
    // belong to the sequence; otherwise routing is held back until settle() says how many do.
    void beginStep(GenerationId generation, std::span<const TokenId> tokens, bool certain = true);
    // Records the step's span and reports drops.
    void endStep(std::int64_t beginNs);
    // The first `count` tokens of an uncertain step stay: their routing is recorded, that of the others never.
    void settle(std::size_t count);

    // For model::ForwardOptions: null where recording is off.
    model::RoutingSink* routingSink() { return m_routing ? this : nullptr; }
    model::SpanSink* spanSink() { return m_spans ? this : nullptr; }

    void token(const telemetry::TokenEvent& event) { m_queue.recordReliably(event); }
    void kv(const telemetry::KvEvent& event) { m_queue.recordReliably(event); }
    void memory(const telemetry::MemoryEvent& event) { m_queue.recordReliably(event); }

    void onRouting(LayerId layer, Position firstPosition, int picks, std::span<const std::int32_t> experts,
                   std::span<const float> weights) override;
    void onSpan(const telemetry::SpanEvent& span) override;

private:
    void recordRouting(const telemetry::RoutingEvent& event);

    EventQueue& m_queue;
    ThreadOwner m_owner;
    bool m_routing = true;
    bool m_spans = true;
    GenerationId m_generation{};
    std::span<const TokenId> m_tokens;
    bool m_certain = true;
    std::vector<telemetry::RoutingEvent> m_held; // of an uncertain step, layer by layer, token by token
    std::uint64_t m_droppedRouting = 0;
    std::uint64_t m_droppedSpans = 0;
    std::uint64_t m_droppedReported = 0;
    std::int64_t m_lastReportNs = 0;
};

} // namespace bathy::runtime
