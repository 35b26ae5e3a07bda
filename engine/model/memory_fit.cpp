#include "engine/model/memory_fit.h"

#include <algorithm>
#include <cstdio>
#include <string>

namespace bathy::model {
namespace {

std::string decimal(std::uint64_t bytes) {
    char text[32];
    const auto value = static_cast<double>(bytes);
    if (bytes < 1'000'000'000)
        std::snprintf(text, sizeof text, "%.0f MB", value / 1e6);
    else
        std::snprintf(text, sizeof text, "%.1f GB", value / 1e9);
    return text;
}

std::uint64_t excess(std::uint64_t needed, std::uint64_t usable) {
    return needed - std::min(needed, usable);
}

} // namespace

std::uint64_t defaultReserveBytes(std::uint64_t availableBytes) {
    return std::min(std::uint64_t{1} << 30, availableBytes / 8);
}

MemoryFit judgeFit(const MemoryPlan& plan, const MemoryBudget& budget) {
    MemoryFit fit;
    fit.missingBytes = excess(plan.allBytes(), budget.usable());
    fit.leastMissing = excess(plan.leastBytes(), budget.usable());
    fit.verdict = fit.missingBytes == 0   ? FitVerdict::Fits
                  : fit.leastMissing == 0 ? FitVerdict::FitsInPart
                                          : FitVerdict::TooLarge;
    return fit;
}

Result<void> requireFit(std::string_view name, const MemoryPlan& plan, const MemoryBudget& budget) {
    const auto fit = judgeFit(plan, budget);
    if (fit.verdict != FitVerdict::TooLarge)
        return {};
    return Error(ErrorCode::OutOfMemory,
                 std::string(name) + " with a context of " + std::to_string(plan.context) + " tokens needs " +
                     decimal(plan.leastBytes()) + " of memory at least; " + decimal(budget.availableBytes) +
                     " are available and " + decimal(budget.reserveBytes) +
                     " of them kept back: " + decimal(fit.leastMissing) + " are missing",
                 "close other programs, choose a smaller model or a lower --reserve; --force loads it anyway");
}

} // namespace bathy::model
