#include "engine/evaluate/routing_proofs.h"

#include <algorithm>

namespace bathy::evaluate {

bool guessHolds(const DomainGuess& guess) {
    return guess.samples > 0 && guess.fromSample >= kSampleShare && guess.fromGlance >= kGlanceShare;
}

bool distanceHolds(const std::vector<LayerDistance>& layers) {
    return !layers.empty() &&
           std::ranges::all_of(layers, [](const LayerDistance& layer) { return layer.ratio() >= kDistanceRatio; });
}

bool knockOutHolds(const KnockOut& k) {
    constexpr double kRounding = 1e-9; // 0.9 - 0.7 is a little less than 0.2
    const auto skillLoss = [&](const Ability& now) { return k.whole.skill.share() - now.skill.share() + kRounding; };
    const auto textLoss = [&](const Ability& now) { return now.bitsPerByte / k.whole.bitsPerByte - 1; };
    return k.whole.bitsPerByte > 0 && k.whole.skill.items > 0 && skillLoss(k.withoutSkillExperts) >= kSkillLoss &&
           textLoss(k.withoutSkillExperts) <= kTextLoss && skillLoss(k.withoutTextExperts) < kSkillLoss &&
           textLoss(k.withoutTextExperts) > kTextLoss;
}

} // namespace bathy::evaluate
