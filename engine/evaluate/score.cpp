#include "engine/evaluate/score.h"

#include <algorithm>
#include <cmath>

namespace bathy::evaluate {

double Score::share() const {
    return items > 0 ? static_cast<double>(right) / static_cast<double>(items) : 0;
}

double Score::standardError() const {
    return items > 0 ? std::sqrt(share() * (1 - share()) / static_cast<double>(items)) : 0;
}

Interval wilson95(const Score& score) {
    if (score.items == 0)
        return {};
    constexpr double z = 1.959963984540054; // 97.5 % quantile of the normal distribution
    const auto n = static_cast<double>(score.items);
    const double p = score.share();
    const double scale = 1 / (1 + z * z / n);
    const double middle = scale * (p + z * z / (2 * n));
    const double half = scale * z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

} // namespace bathy::evaluate
