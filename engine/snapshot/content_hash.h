// What a run of bytes is called by: XXH3, 128 bits. Finds damage and equal content; no protection against somebody who
// makes two contents of one hash on purpose, who could write to the folder anyway. Pure functions, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace bathy::snapshot {

using ContentHash = std::array<std::uint8_t, 16>;

ContentHash hashOf(std::span<const std::byte> bytes);
// Of the parts joined.
ContentHash hashOf(std::span<const std::span<const std::byte>> parts);
std::string hexOf(const ContentHash& hash); // 32 digits

} // namespace bathy::snapshot
