// The fixed parts of a capture file, shared by writer and reader.
#pragma once

#include "engine/wire/frame.h"

#include <cstdint>
#include <string_view>

namespace bathy::wire {

inline constexpr std::string_view kCaptureMagic = "BATHYCAP";
inline constexpr std::string_view kIndexMagic = "BATHYIDX";

struct CaptureHeader {
    std::uint64_t indexOffset = 0; // 0: not closed properly
    std::uint64_t eventCount = 0;
};

Bytes captureHeader(const CaptureHeader& header);

} // namespace bathy::wire
