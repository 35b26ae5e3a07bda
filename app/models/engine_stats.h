// Running sums of what the engine reports about itself; a reader takes two and looks at the difference. UI thread.
#pragma once

#include "engine/telemetry/events.h"

#include <array>
#include <cstdint>

namespace bathy::models {

inline constexpr int kSpanKinds = static_cast<int>(telemetry::SpanKind::Draft) + 1;

struct SpanSum {
    std::uint64_t count = 0;
    std::uint64_t tokens = 0;
    std::int64_t totalNs = 0;
    std::int64_t longestNs = 0;
};

struct EngineStats {
    std::uint64_t events = 0;  // messages from the engine
    std::uint64_t records = 0; // telemetry records in them
    std::uint64_t tokens = 0;  // generated
    std::uint64_t ignored = 0; // records that name a conversation, layer or position that cannot be
    std::array<SpanSum, kSpanKinds> spans{};
    telemetry::DropEvent drops;
    telemetry::MemoryEvent memory;

    void add(const telemetry::SpanEvent& span);
};

// English word for a table of times.
const char* spanName(int kind);

} // namespace bathy::models
