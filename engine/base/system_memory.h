// Memory of this machine as the system reports it. Any thread.
#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <string_view>

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

// What this process can still take now: of the machine, and of the limits that were set for the process (its address
// space) and for its control group (a container). The largest number where the system does not say.
std::uint64_t memoryLeft();

// "a step of 512 tokens needs 3.2 GB of memory, 1.0 GB is available". Code OutOfMemory.
Error outOfMemory(std::string_view what, std::uint64_t neededBytes);
// The error above when `bytes` are more than is left, said before anything is taken. Asks the system only when it is
// enough to matter.
Result<void> requireMemory(std::string_view what, std::uint64_t bytes);

} // namespace bathy
