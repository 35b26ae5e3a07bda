// Walks bytes that come from outside without ever leaving them: every read says whether there was enough.
// Little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

namespace bathy::checkpoint {

class ByteCursor {
public:
    explicit ByteCursor(std::span<const std::byte> bytes) : m_bytes(bytes) {}

    std::uint64_t position() const { return m_at; }
    std::uint64_t remaining() const { return m_bytes.size() - m_at; }

    template <class T>
    [[nodiscard]] bool read(T& value) {
        static_assert(std::is_arithmetic_v<T>);
        if (remaining() < sizeof(T))
            return false;
        std::memcpy(&value, m_bytes.data() + m_at, sizeof(T));
        m_at += sizeof(T);
        return true;
    }

    [[nodiscard]] bool take(std::uint64_t count, std::span<const std::byte>& bytes) {
        if (remaining() < count)
            return false;
        bytes = m_bytes.subspan(m_at, static_cast<std::size_t>(count));
        m_at += static_cast<std::size_t>(count);
        return true;
    }

private:
    std::span<const std::byte> m_bytes;
    std::size_t m_at = 0;
};

} // namespace bathy::checkpoint
