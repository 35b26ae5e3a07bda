// Turns the begin and end of the ops' spans into timed events. Lives for one chunk, engine thread.
// The clock is read once for each part of the chunk, not twice: a span begins where the one before it ended, and a span
// that ends right after one inside it ends with that one. So the parts of a chunk lie end to end from its begin on, and
// what little happens between two of them counts to the later one.
#pragma once

#include "engine/model/model.h"
#include "engine/ops/context.h"

#include <array>
#include <cstdint>

namespace bathy::model {

class SpanClock final : public ops::SpanSink {
public:
    // A null sink: no clock is read.
    explicit SpanClock(model::SpanSink* sink);

    void beginSpan(telemetry::SpanKind kind, LayerId layer) override;
    void endSpan(telemetry::SpanKind kind, LayerId layer, std::uint32_t tokens) override;

private:
    model::SpanSink* m_sink;
    std::int64_t m_now = 0;                // the last reading of the clock
    bool m_worked = false;                 // something was done since that reading
    std::array<std::int64_t, 8> m_begun{}; // begin times of the spans that are open; they nest
    std::size_t m_open = 0;
};

} // namespace bathy::model
