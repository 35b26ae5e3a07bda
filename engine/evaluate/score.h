// Shares of right answers with what chance leaves open. Pure functions.
#pragma once

#include <cstdint>

namespace bathy::evaluate {

struct Score {
    std::int64_t right = 0;
    std::int64_t items = 0;

    double share() const;         // 0 of nothing
    double standardError() const; // sqrt(p (1 - p) / n)
};

struct Interval {
    double low = 0;
    double high = 1;
};

// Wilson's score interval at 95 % (E. B. Wilson 1927): where the true share lies; [0, 1] of nothing.
Interval wilson95(const Score& score);

} // namespace bathy::evaluate
