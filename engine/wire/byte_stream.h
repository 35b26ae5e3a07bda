// Little-endian values and varints in a byte vector. Reading never passes the end: it fails and stays failed.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace bathy::wire {

// Values go into room that was made beforehand, because telemetry passes here a hundred times a token.
class ByteWriter {
public:
    explicit ByteWriter(std::size_t expectedBytes = 0) : m_out(expectedBytes) {}

    void u8(std::uint8_t value) { room(1)[m_used++] = value; }
    void u16(std::uint16_t value) { fixed(value); }
    void u32(std::uint32_t value) { fixed(value); }
    void u64(std::uint64_t value) { fixed(value); }
    void f32(float value) { u32(std::bit_cast<std::uint32_t>(value)); }
    void bytes(std::string_view value) {
        std::copy(value.begin(), value.end(), room(value.size()) + m_used);
        m_used += value.size();
    }

    // LEB128: seven bits a byte, lowest first, the high bit says that more follow.
    void varint(std::uint64_t value) {
        auto* at = room(kLongestVarint) + m_used;
        for (; value >= 0x80; value >>= 7U)
            *at++ = static_cast<std::uint8_t>(value | 0x80U);
        *at++ = static_cast<std::uint8_t>(value);
        m_used = static_cast<std::size_t>(at - m_out.data());
    }
    // Zigzag: small magnitudes stay short whatever their sign.
    void signedVarint(std::int64_t value) {
        varint((static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63));
    }

    // All that was written. The writer is empty afterwards.
    std::vector<std::uint8_t> take() {
        m_out.resize(std::exchange(m_used, 0));
        return std::move(m_out);
    }

private:
    static constexpr std::size_t kLongestVarint = 10;

    // The beginning of the bytes, with room for `count` behind those in use.
    std::uint8_t* room(std::size_t count) {
        if (m_out.size() - m_used < count)
            m_out.resize(std::max(2 * m_out.size(), m_used + count + 64));
        return m_out.data();
    }
    template <class Value>
    void fixed(Value value) {
        auto* at = room(sizeof(Value)) + m_used;
        for (std::size_t i = 0; i < sizeof(Value); ++i)
            at[i] = static_cast<std::uint8_t>(value >> (8 * i));
        m_used += sizeof(Value);
    }

    std::vector<std::uint8_t> m_out;
    std::size_t m_used = 0;
};

class ByteReader {
public:
    explicit ByteReader(std::span<const std::uint8_t> bytes) : m_bytes(bytes) {}

    bool ok() const { return m_ok; }
    bool atEnd() const { return m_offset == m_bytes.size(); }
    std::size_t left() const { return m_bytes.size() - m_offset; }

    std::uint8_t u8() { return static_cast<std::uint8_t>(fixed(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(fixed(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(fixed(4)); }
    std::uint64_t u64() { return fixed(8); }
    float f32() { return std::bit_cast<float>(u32()); }

    std::string_view bytes(std::uint64_t count) {
        if (!take(count))
            return {};
        return {reinterpret_cast<const char*>(m_bytes.data()) + m_offset - count, static_cast<std::size_t>(count)};
    }

    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const std::uint64_t byte = u8();
            if (shift == 63 && byte > 1)
                break; // more than 64 bits
            value |= (byte & 0x7FU) << shift;
            if ((byte & 0x80U) == 0)
                return value;
        }
        m_ok = false;
        return 0;
    }
    std::int64_t signedVarint() {
        const auto value = varint();
        return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1U));
    }

private:
    bool take(std::uint64_t count) {
        m_ok = m_ok && count <= left();
        if (m_ok)
            m_offset += static_cast<std::size_t>(count);
        return m_ok;
    }
    std::uint64_t fixed(unsigned width) {
        if (!take(width))
            return 0;
        std::uint64_t value = 0;
        for (unsigned i = 0; i < width; ++i)
            value |= static_cast<std::uint64_t>(m_bytes[m_offset - width + i]) << (8 * i);
        return value;
    }

    std::span<const std::uint8_t> m_bytes;
    std::size_t m_offset = 0;
    bool m_ok = true;
};

} // namespace bathy::wire
