// Telemetry records as one compact byte string: routing arrives layers × tokens times a second, so it does not pay for
// field names. The layout is in docs/formats/wire.md.
#pragma once

#include "engine/base/result.h"
#include "engine/telemetry/events.h"

#include <cstdint>
#include <span>
#include <vector>

namespace bathy::wire {

inline constexpr std::size_t kMaxRecordsPerFrame = 1U << 16;

std::vector<std::uint8_t> packRecords(std::span<const telemetry::Record> records);

// Every count and enum is checked. Errors: Protocol, also for more than kMaxRecordsPerFrame.
Result<std::vector<telemetry::Record>> unpackRecords(std::span<const std::uint8_t> bytes);

} // namespace bathy::wire
