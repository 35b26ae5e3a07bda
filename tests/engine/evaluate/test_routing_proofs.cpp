#include "engine/evaluate/routing_proofs.h"

#include <gtest/gtest.h>

namespace bathy::evaluate {
namespace {

KnockOut specialised() {
    KnockOut knock;
    knock.whole = {{45, 50}, 2.0};
    knock.withoutSkillExperts = {{35, 50}, 2.05};
    knock.withoutTextExperts = {{40, 50}, 2.5};
    return knock;
}

TEST(RoutingProofs, Guess_needsSampleAndGlance) {
    EXPECT_TRUE(guessHolds({100, 0.2, 0.9, 0.7}));
    EXPECT_FALSE(guessHolds({100, 0.2, 1.0, 0.69}));
    EXPECT_FALSE(guessHolds({100, 0.2, 0.89, 1.0}));
    EXPECT_FALSE(guessHolds({}));
}

TEST(RoutingProofs, Distance_needsEveryLayer) {
    EXPECT_TRUE(distanceHolds({{LayerId{2}, 0.5, 0.1}, {LayerId{3}, 0.6, 0.1}}));
    EXPECT_FALSE(distanceHolds({{LayerId{2}, 0.5, 0.1}, {LayerId{3}, 0.4, 0.1}}));
    EXPECT_FALSE(distanceHolds({}));
}

TEST(RoutingProofs, KnockOut_needsEachLossAndNoOther) {
    EXPECT_TRUE(knockOutHolds(specialised()));
    auto knock = specialised();
    knock.withoutSkillExperts.skill.right = 36; // 18 points
    EXPECT_FALSE(knockOutHolds(knock));
    knock = specialised();
    knock.withoutSkillExperts.bitsPerByte = 2.07;
    EXPECT_FALSE(knockOutHolds(knock));
    knock = specialised();
    knock.withoutTextExperts.bitsPerByte = 2.05;
    EXPECT_FALSE(knockOutHolds(knock));
    knock = specialised();
    knock.withoutTextExperts.skill.right = 30;
    EXPECT_FALSE(knockOutHolds(knock));
    knock = specialised();
    knock.whole.skill.right = 5; // nothing to lose
    EXPECT_FALSE(knockOutHolds(knock));
    EXPECT_FALSE(knockOutHolds({}));
}

} // namespace
} // namespace bathy::evaluate
