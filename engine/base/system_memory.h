// Memory of this machine as the system reports it. Any thread.
#pragma once

#include <cstdint>

namespace bathy {

struct SystemMemory {
    std::uint64_t totalBytes = 0;     // 0: the system does not say
    std::uint64_t availableBytes = 0; // can be had without swapping, now
};

SystemMemory systemMemory();

// What this process holds in physical memory, now and at most so far; 0 where the system does not say.
struct ProcessMemory {
    std::uint64_t residentBytes = 0;
    std::uint64_t peakResidentBytes = 0;
};

ProcessMemory processMemory();

} // namespace bathy
