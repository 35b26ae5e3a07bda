// Random numbers as a pure function of a name and an index, the same on every machine and in any order.
#pragma once

#include <cstdint>
#include <string_view>

namespace bathy::model::synth {

// FNV-1a-64 of the bytes.
constexpr std::uint64_t fnv1a(std::string_view text, std::uint64_t hash = 0xCBF29CE484222325ULL) {
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    return hash;
}

// The index-th output of splitmix64 started at `seed`.
constexpr std::uint64_t counterBits(std::uint64_t seed, std::uint64_t index) {
    std::uint64_t z = seed + (index + 1) * 0x9E3779B97F4A7C15ULL;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
    return z ^ z >> 31;
}

// Uniform in [-1, 1), exact in double: the top 24 bits.
constexpr double counterUnit(std::uint64_t seed, std::uint64_t index) {
    return static_cast<double>(counterBits(seed, index) >> 40) / 8388608.0 - 1.0;
}

} // namespace bathy::model::synth
