// The rule that decides how many tokens to guess, against machines and texts made of numbers.
#include "engine/runtime/draft_pace.h"

#include <gtest/gtest.h>
#include <random>

namespace bathy::runtime {
namespace {

// A machine: what rounds cost. A text: how often a guess is right where all before it are.
struct World {
    double plainNs = 500'000;
    double firstGuess = 0.5; // of a plain step, on top of it
    double furtherGuess = 0.3;
    double right = 0;
};

class Simulation {
public:
    // Time per token, as a share of that of plain steps.
    double run(const World& world, int tokens) {
        double spent = 0;
        int made = 0;
        while (made < tokens) {
            DraftRound round;
            round.guessed = m_pace.next(7);
            while (round.right < round.guessed && m_uniform(m_random) < world.right)
                ++round.right;
            round.tokens = round.right + 1;
            const double guesses = round.guessed == 0 ? 0 : world.firstGuess + world.furtherGuess * (round.guessed - 1);
            const double noise = m_uniform(m_random) < 0.05 ? 3 : 1 + 0.1 * m_uniform(m_random); // interruptions
            round.durationNs = static_cast<std::int64_t>(world.plainNs * (1 + guesses) * noise);
            m_pace.add(round);
            spent += world.plainNs * (1 + guesses); // without the noise, which is not of the rule's making
            made += round.tokens;
            m_guessed += round.guessed;
        }
        return spent / (world.plainNs * made);
    }
    int guessed() const { return m_guessed; }

private:
    DraftPace m_pace;
    std::mt19937 m_random{42};
    std::uniform_real_distribution<double> m_uniform{0, 1};
    int m_guessed = 0;
};

TEST(DraftPace, LearnsThePlainStepFirst) {
    DraftPace pace;
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(pace.next(7), 0);
        EXPECT_EQ(pace.plainNs(), 0);
        EXPECT_EQ(pace.gainNs({1, 1, 2, 5}), 0);
        pace.add({0, 0, 1, 1000 + i});
    }
    EXPECT_NEAR(static_cast<double>(pace.plainNs()), 1001, 2);
    EXPECT_GT(pace.next(7), 0);
    EXPECT_EQ(pace.next(0), 0);
    EXPECT_EQ(pace.gainNs({1, 1, 2, 1500}), 2 * pace.plainNs() - 1500);
}

TEST(DraftPace, WrongGuesses_costLessThanThreeInAHundred) {
    for (const double firstGuess : {0.1, 0.5, 0.8, 1.5}) {
        World world;
        world.firstGuess = firstGuess;
        EXPECT_LT(Simulation().run(world, 200), 1 / 0.97) << firstGuess;
        EXPECT_LT(Simulation().run(world, 5000), 1 / 0.975) << firstGuess;
    }
}

TEST(DraftPace, WrongGuessesBesideSlowedPlainSteps_doNotSeemToPay) {
    DraftPace pace;
    int guessed = 0;
    for (int i = 0; i < 150; ++i) {
        const int now = pace.next(7);
        guessed += now;
        pace.add({now, 0, 1, now == 0 ? 6000 : 3000}); // another program took the machine whenever nothing was guessed
    }
    EXPECT_LT(guessed, 30);
}

TEST(DraftPace, RightGuesses_areUsedToTheFull) {
    World world;
    world.right = 0.9;
    Simulation simulation;
    simulation.run(world, 200);
    // One guess: 1.5 for 1.9 tokens. Four: 2.4 for 4.1.
    EXPECT_LT(simulation.run(world, 2000), 0.66);
    world.furtherGuess = 1.2; // more than one never pays
    Simulation dear;
    dear.run(world, 200);
    EXPECT_LT(dear.run(world, 2000), 0.83);
}

TEST(DraftPace, TextThatTurnsEasy_isNoticed_andOneThatTurnsHardAsWell) {
    World world;
    Simulation simulation;
    simulation.run(world, 1000);
    world.right = 0.9;
    simulation.run(world, 150); // the time to notice
    EXPECT_LT(simulation.run(world, 500), 0.72);
    world.right = 0;
    simulation.run(world, 20);
    EXPECT_LT(simulation.run(world, 1000), 1 / 0.97);
}

TEST(DraftPace, ThePastOfGuesses_isKeptOnlyShortlyBeforeThem) {
    DraftPace pace;
    EXPECT_TRUE(pace.follows()); // who knows
    int kept = 0;
    bool keptBefore = true;
    for (int i = 0; i < 1000; ++i) {
        const int guessed = pace.next(7);
        if (guessed > 0) {
            EXPECT_TRUE(keptBefore) << i;
        }
        keptBefore = pace.follows();
        kept += keptBefore ? 1 : 0;
        pace.add({guessed, 0, 1, guessed > 0 ? 1500 : 1000});
    }
    EXPECT_LT(kept, 300);
}

TEST(DraftPace, GuessesThatNeverPay_areStillTriedNowAndThen) {
    World world;
    Simulation simulation;
    simulation.run(world, 500);
    const auto before = simulation.guessed();
    simulation.run(world, 2000);
    EXPECT_GT(simulation.guessed(), before + 10);
}

} // namespace
} // namespace bathy::runtime
