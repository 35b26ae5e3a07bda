#include "engine/sampler/raw_distribution.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bathy::sampler {

// A comparison with NaN is false, and infinities among themselves are equal: no look at each logit is needed.
std::optional<TokenId> mostLikely(std::span<const float> logits) {
    float top = -std::numeric_limits<float>::infinity();
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < logits.size(); ++i)
        if (logits[i] > top) {
            top = logits[i];
            best = i;
        }
    return best ? std::optional(TokenId{static_cast<std::int32_t>(*best)}) : std::nullopt;
}

RawDistribution::RawDistribution(std::span<const float> logits) : m_logits(logits) {
    const auto best = mostLikely(logits);
    if (!best)
        return;
    m_top = usable(logits[static_cast<std::size_t>(raw(*best))]);
    double distance = 0; // of the logits from the top, weighted
    for (const float given : logits) {
        const float below = m_top - usable(given);
        const double weight = static_cast<double>(std::exp(-below));
        m_sum += weight;
        if (weight > 0)
            distance += weight * static_cast<double>(below);
    }
    m_entropy = std::log(m_sum) + distance / m_sum;
}

double RawDistribution::probabilityOf(TokenId token) const {
    const float logit = usable(m_logits[static_cast<std::size_t>(raw(token))]);
    return std::exp(static_cast<double>(logit) - static_cast<double>(m_top)) / m_sum;
}

std::uint32_t RawDistribution::rankOf(TokenId token) const {
    const auto index = static_cast<std::size_t>(raw(token));
    const float chosen = usable(m_logits[index]);
    const auto equalBefore = std::count_if(m_logits.begin(), m_logits.begin() + static_cast<std::ptrdiff_t>(index),
                                           [&](float logit) { return usable(logit) == chosen; });
    const auto larger =
        std::count_if(m_logits.begin(), m_logits.end(), [&](float logit) { return usable(logit) > chosen; });
    return static_cast<std::uint32_t>(equalBefore + larger);
}

std::uint8_t RawDistribution::alternatives(Alternatives& out) const {
    std::array<std::size_t, telemetry::kMaxAlternatives> best{};
    std::size_t filled = 0;
    for (std::size_t i = 0; i < m_logits.size(); ++i) {
        const float logit = usable(m_logits[i]);
        if (filled == best.size() && !(logit > usable(m_logits[best.back()])))
            continue; // nearly always
        filled = std::min(filled + 1, best.size());
        auto place = filled - 1;
        for (; place > 0 && logit > usable(m_logits[best[place - 1]]); --place)
            best[place] = best[place - 1];
        best[place] = i;
    }
    std::uint8_t count = 0;
    for (std::size_t i = 0; i < filled; ++i) {
        const TokenId token{static_cast<std::int32_t>(best[i])};
        const double probability = probabilityOf(token);
        if (probability > 0)
            out[count++] = {token, static_cast<float>(probability)};
    }
    return count;
}

} // namespace bathy::sampler
