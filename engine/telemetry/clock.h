// The engine's monotonic clock, the time base of every record.
#pragma once

#include <chrono>
#include <cstdint>

namespace bathy::telemetry {

inline std::int64_t nowNs() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

} // namespace bathy::telemetry
