#include "engine/evaluate/token_score.h"

#include <algorithm>
#include <cmath>

namespace bathy::evaluate {
namespace {

// ln of the sum of e^logit.
double logSum(std::span<const float> logits) {
    const double largest = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const auto logit : logits)
        sum += std::exp(static_cast<double>(logit) - largest);
    return largest + std::log(sum);
}

} // namespace

double surprise(std::span<const float> logits, TokenId target) {
    return logSum(logits) - static_cast<double>(logits[static_cast<std::size_t>(raw(target))]);
}

std::int64_t firstChoice(std::span<const float> logits) {
    return std::max_element(logits.begin(), logits.end()) - logits.begin();
}

double divergence(std::span<const float> reference, std::span<const float> logits) {
    const double referenceSum = logSum(reference);
    const double sum = logSum(logits);
    double total = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double known = static_cast<double>(reference[i]) - referenceSum;
        total += std::exp(known) * (known - (static_cast<double>(logits[i]) - sum));
    }
    return std::max(0.0, total); // rounding of equal rows
}

double quantile(std::vector<double> values, double share) {
    if (values.empty())
        return 0;
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(rank, 1, values.size()) - 1);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

} // namespace bathy::evaluate
