// Counter-based random numbers: Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
// The same on every machine, and any number of the sequence without the ones before it. Pure functions.
#pragma once

#include <array>
#include <cstdint>

namespace bathy::sampler {

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

// Uniform in [0, 1), a multiple of 2^-53.
double uniformAt(std::uint64_t seed, std::uint64_t counter);

} // namespace bathy::sampler
