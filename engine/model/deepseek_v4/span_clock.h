// Turns the begin and end of the ops' spans into timed events. Lives for one chunk, engine thread.
#pragma once

#include "engine/model/model.h"
#include "engine/ops/context.h"

#include <array>
#include <cstdint>

namespace bathy::model::deepseek_v4 {

class SpanClock final : public ops::SpanSink {
public:
    explicit SpanClock(model::SpanSink* sink) : m_sink(sink) {}

    void beginSpan(telemetry::SpanKind kind, LayerId layer) override;
    void endSpan(telemetry::SpanKind kind, LayerId layer, std::uint32_t tokens) override;

private:
    model::SpanSink* m_sink;
    std::array<std::int64_t, 8> m_begun{}; // begin times of the spans that are open; they nest
    std::size_t m_open = 0;
};

} // namespace bathy::model::deepseek_v4
