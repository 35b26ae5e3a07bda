// Whether a picture of routing shows something: three claims about a model, each with figures and a threshold that an
// untrained model of the same shape does not reach. Plain values and pure functions.
//
// 1. The experts of 256 tokens tell what the text is about nine times of ten, those of 16 tokens seven times of ten.
// 2. In every learned layer two domains differ at least five times as much as two halves of one domain.
// 3. Taking away the experts that one skill uses most costs that skill at least 20 points and a text at most 3 % more
//    bits per byte; taking away those of the text costs the text more than 3 % and the skill less than 20 points.
#pragma once

#include "engine/evaluate/score.h"
#include "engine/evaluate/specialisation.h"

#include <string>
#include <vector>

namespace bathy::evaluate {

inline constexpr double kSampleShare = 0.9;
inline constexpr double kGlanceShare = 0.7;
inline constexpr double kDistanceRatio = 5;
inline constexpr double kSkillLoss = 0.20; // of the share answered right
inline constexpr double kTextLoss = 0.03;  // of the bits per byte
inline constexpr int kKnockedPerLayer = 2;

// What the model can do in one of three states: whole, without the skill's experts, without the text's experts.
struct Ability {
    Score skill;
    double bitsPerByte = 0;
};

struct KnockOut {
    std::string skill; // a domain of questions
    std::string text;
    std::vector<ExpertRef> skillExperts;
    std::vector<ExpertRef> textExperts;
    Ability whole;
    Ability withoutSkillExperts;
    Ability withoutTextExperts;
};

bool guessHolds(const DomainGuess& guess);
bool distanceHolds(const std::vector<LayerDistance>& layers); // false of no layer
bool knockOutHolds(const KnockOut& knockOut);

} // namespace bathy::evaluate
