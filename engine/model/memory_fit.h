// Whether a planned model fits into the memory there is. Pure functions.
#pragma once

#include "engine/base/result.h"
#include "engine/model/memory_plan.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace bathy::model {

struct MemoryBudget {
    std::uint64_t availableBytes = 0;
    std::uint64_t reserveBytes = 0; // of it, left for other programs

    std::uint64_t usable() const { return availableBytes - std::min(availableBytes, reserveBytes); }
};

// What is kept back where nobody said how much: 1 GiB, an eighth where little is available.
std::uint64_t defaultReserveBytes(std::uint64_t availableBytes);

enum class FitVerdict : std::uint8_t {
    Fits,
    FitsInPart, // what one token needs fits; experts and rows are read from the disk again and again
    TooLarge,
};

struct MemoryFit {
    FitVerdict verdict{};
    std::uint64_t missingBytes = 0; // until everything fits; 0 where it does
    std::uint64_t leastMissing = 0; // until one token's share fits
};

MemoryFit judgeFit(const MemoryPlan& plan, const MemoryBudget& budget);

// "v3 with a context of 4,096 tokens needs 38.2 GB at least; 20.1 GB may be used (21.2 GB are available, 1.1 GB are
// kept back): 18.1 GB are missing". Code OutOfMemory. Nothing where the verdict is not TooLarge.
Result<void> requireFit(std::string_view name, const MemoryPlan& plan, const MemoryBudget& budget);

} // namespace bathy::model
