// Frames on a byte stream: a little-endian u32 length, then that many bytes of payload. Pure code, no I/O, one owner.
#pragma once

#include "engine/base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace bathy::wire {

using Bytes = std::vector<std::uint8_t>;

inline constexpr std::size_t kFrameHeaderBytes = 4;
// Larger frames are refused on both sides: a broken or hostile peer cannot make us collect bytes without end.
inline constexpr std::uint32_t kMaxFrameBytes = 64U << 20;

// Appends header and payload to `out`. Errors: BadArgument when the payload is empty or over kMaxFrameBytes.
Result<void> appendFrame(Bytes& out, std::span<const std::uint8_t> payload);

// Cuts a stream that arrives in any pieces back into frames. Memory grows with the bytes fed, never with the length a
// header claims. After an error the stream is dead: every later call repeats the error.
class FrameReader {
public:
    void feed(std::span<const std::uint8_t> bytes);

    // The next whole payload, or nothing when more bytes are needed. The span is valid until the next call of feed or
    // next. Errors: Protocol for a length of zero or over kMaxFrameBytes.
    Result<std::optional<std::span<const std::uint8_t>>> next();

    std::size_t pendingBytes() const { return m_buffer.size() - m_begin; }

private:
    Bytes m_buffer;
    std::size_t m_begin = 0;
};

} // namespace bathy::wire
