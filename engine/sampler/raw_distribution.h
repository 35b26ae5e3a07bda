// The softmax of the logits as the model gave them, at temperature 1, read in place: the tokens panel shows it for
// every token, so that it must cost little beside a step of a small model. Borrows the logits; any thread.
#pragma once

#include "engine/base/ids.h"
#include "engine/telemetry/events.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

namespace bathy::sampler {

using Alternatives = std::array<telemetry::Alternative, telemetry::kMaxAlternatives>;

// A logit that can be reckoned with: NaN becomes minus infinity, plus infinity the largest float.
inline float usable(float logit) {
    return std::isnan(logit) ? -std::numeric_limits<float>::infinity()
                             : std::min(logit, std::numeric_limits<float>::max());
}

// The token with the largest logit, of equal ones the smallest id; nothing when no logit is finite.
std::optional<TokenId> mostLikely(std::span<const float> logits);

class RawDistribution {
public:
    // `logits`: one value for each id [vocab], read until the last call.
    explicit RawDistribution(std::span<const float> logits);

    bool empty() const { return m_sum == 0; } // no logit is finite
    double probabilityOf(TokenId token) const;
    std::uint32_t rankOf(TokenId token) const;   // 0 = most likely; among equals the smaller id comes first
    double entropy() const { return m_entropy; } // nats
    // The most likely ones, best first, none without probability; how many were filled.
    std::uint8_t alternatives(Alternatives& out) const;

private:
    std::span<const float> m_logits;
    float m_top = 0;      // the largest logit
    double m_sum = 0;     // of exp(logit - top)
    double m_entropy = 0; // log p differs from the best one's by as much as the logits do
};

} // namespace bathy::sampler
