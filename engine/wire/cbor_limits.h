// A walk over CBOR bytes before anything is built from them: refuses what our messages never contain, so that the
// general parser behind it meets neither deep nesting nor lengths that the bytes do not back.
#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <span>

namespace bathy::wire {

inline constexpr int kMaxCborDepth = 8;
inline constexpr std::uint64_t kMaxCborItems = 1U << 18;

// The subset of RFC 8949 in use: definite lengths, integers, byte and text strings, arrays, maps with text keys, false,
// true, null and floats; exactly one item that fills `bytes`. Errors: Protocol, naming the offset.
Result<void> checkCbor(std::span<const std::uint8_t> bytes);

} // namespace bathy::wire
