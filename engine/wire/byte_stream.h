// Little-endian values and varints in a byte vector. Reading never passes the end: it fails and stays failed.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace bathy::wire {

class ByteWriter {
public:
    explicit ByteWriter(std::vector<std::uint8_t>& out) : m_out(out) {}

    void u8(std::uint8_t value) { m_out.push_back(value); }
    void u16(std::uint16_t value) { fixed(value, 2); }
    void u32(std::uint32_t value) { fixed(value, 4); }
    void u64(std::uint64_t value) { fixed(value, 8); }
    void f32(float value) { u32(std::bit_cast<std::uint32_t>(value)); }
    void bytes(std::string_view value) { m_out.insert(m_out.end(), value.begin(), value.end()); }

    // LEB128: seven bits a byte, lowest first, the high bit says that more follow.
    void varint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7U)
            u8(static_cast<std::uint8_t>(value | 0x80U));
        u8(static_cast<std::uint8_t>(value));
    }
    // Zigzag: small magnitudes stay short whatever their sign.
    void signedVarint(std::int64_t value) {
        varint((static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63));
    }

private:
    void fixed(std::uint64_t value, unsigned width) {
        for (unsigned i = 0; i < width; ++i)
            u8(static_cast<std::uint8_t>(value >> (8 * i)));
    }

    std::vector<std::uint8_t>& m_out;
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
