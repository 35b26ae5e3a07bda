#include "engine/wire/frame.h"

#include <string>

namespace bathy::wire {

Result<void> appendFrame(Bytes& out, std::span<const std::uint8_t> payload) {
    if (payload.empty() || payload.size() > kMaxFrameBytes)
        return Error(ErrorCode::BadArgument,
                     "a message of " + std::to_string(payload.size()) + " bytes does not fit into one frame",
                     "send less text at once");
    const auto size = static_cast<std::uint32_t>(payload.size());
    for (unsigned shift = 0; shift < 32; shift += 8)
        out.push_back(static_cast<std::uint8_t>(size >> shift));
    out.insert(out.end(), payload.begin(), payload.end());
    return {};
}

void FrameReader::feed(std::span<const std::uint8_t> bytes) {
    if (m_begin == m_buffer.size()) {
        m_buffer.clear();
        m_begin = 0;
    } else if (m_begin > m_buffer.size() / 2) {
        m_buffer.erase(m_buffer.begin(), m_buffer.begin() + static_cast<std::ptrdiff_t>(m_begin));
        m_begin = 0;
    }
    m_buffer.insert(m_buffer.end(), bytes.begin(), bytes.end());
}

Result<std::optional<std::span<const std::uint8_t>>> FrameReader::next() {
    using Frame = std::optional<std::span<const std::uint8_t>>;
    if (pendingBytes() < kFrameHeaderBytes)
        return Frame();
    std::uint32_t size = 0;
    for (std::size_t i = 0; i < kFrameHeaderBytes; ++i)
        size |= static_cast<std::uint32_t>(m_buffer[m_begin + i]) << (8 * i);
    if (size == 0 || size > kMaxFrameBytes)
        return Error(ErrorCode::Protocol,
                     "frame length " + std::to_string(size) + " is outside 1.." + std::to_string(kMaxFrameBytes));
    if (pendingBytes() - kFrameHeaderBytes < size)
        return Frame();
    const auto payload = std::span(m_buffer).subspan(m_begin + kFrameHeaderBytes, size);
    m_begin += kFrameHeaderBytes + size;
    return Frame(payload);
}

} // namespace bathy::wire
