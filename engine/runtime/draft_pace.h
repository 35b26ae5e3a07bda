// How many tokens to guess ahead, decided from what guessing has cost and brought so far. A guess is worth its time
// only where it is often right and checking several tokens at once costs less than one step for each; both depend on
// model, machine and text, so they are measured, and guessing stops where it loses and is tried again later. The times
// come in with the rounds: no clock here, so that the rule is tested as numbers. One per session, engine thread.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace bathy::runtime {

// One step of decoding.
struct DraftRound {
    int guessed = 0;             // tokens that were guessed and checked together
    int right = 0;               // the first so many of them
    int tokens = 0;              // that came out of it: one more than were right, but for the end of an answer
    std::int64_t durationNs = 0; // of all: guessing, the step, sampling
};

class DraftPace {
public:
    // Guesses for the next round, by the state of the account and the rates of each number. At most `most`.
    int next(int most) const;
    // Whether steps without guesses shall keep what guesses need: not while the next guess is far away, since that
    // costs a little as well.
    bool follows() const;
    void add(const DraftRound& round);

    // What a step without guesses costs; 0 until enough were seen.
    std::int64_t plainNs() const;
    // Time that a round won (above 0) or lost against as many plain steps; 0 while plainNs() is.
    std::int64_t gainNs(const DraftRound& round) const;

private:
    static constexpr int kDeepest = 4; // deeper guesses are too seldom right

    // The latest costs of rounds with one number of guesses. Their median holds against interruptions.
    class Costs {
    public:
        void add(std::int64_t ns);
        std::int64_t median() const; // 0: none yet
        std::size_t size() const { return m_values.size(); }

    private:
        std::vector<std::int64_t> m_values;
        std::size_t m_next = 0;
    };

    double tokens(int guesses) const;  // expected out of a round
    double roundNs(int guesses) const; // expected cost of it
    double tokensPerNs(int guesses) const;
    int best(int most) const; // the number of guesses, at least one, that gives the most tokens for its time
    bool pays(int guesses) const;

    std::array<Costs, kDeepest + 1> m_costs; // by number of guesses
    // By depth: how often a guess is right where all before it are, newer rounds counting more.
    std::array<double, kDeepest> m_right{0.7, 0.6, 0.5, 0.5};
    double m_creditNs = 0; // what trying may still lose
    int m_sincePlain = 0;  // rounds
};

} // namespace bathy::runtime
