// SHA-256 (FIPS 180-4), for telling files and published constants apart, not for secrets. Value type, one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bathy {

class Sha256 {
public:
    void update(std::span<const std::byte> bytes);
    // 64 lower-case hexadecimal digits. Nothing may be added afterwards.
    std::string finish();

private:
    static constexpr std::size_t kBlock = 64;

    std::array<std::uint32_t, 8> m_state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                            0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::byte, kBlock> m_rest{}; // the begun block
    std::uint64_t m_bytes = 0;
};

std::string sha256Hex(std::string_view text);

} // namespace bathy
