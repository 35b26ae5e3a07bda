#include "engine/runtime/draft_pace.h"

#include <algorithm>

namespace bathy::runtime {

namespace {

constexpr std::size_t kCostsKept = 15;
constexpr std::size_t kPlainFirst = 4; // plain steps before the first guess, to know what one costs
constexpr int kPlainEvery = 64;        // rounds of guessing between two plain steps: their cost grows with the context
constexpr int kDeeperEvery = 16;       // rounds of guessing between two that try one guess more
constexpr double kNewest = 0.15;       // weight of the newest round in what is known of a depth
constexpr double kWorthwhile = 1.02;   // gain below which a plain step is as good
constexpr double kTrialShare = 0.012;  // of the time of plain steps that may be lost by trying
constexpr double kStepsAhead = 8;      // steps before a trial from which on its past is kept
constexpr double kLeastCost = 0.15;    // of a plain step that a guess is charged, whatever the clock says
constexpr double kFirstCredit = 2;     // plain steps that the first trials may lose
constexpr double kMostCredit = 6;      // plain steps; more would be spent on long hopeless trials

} // namespace

void DraftPace::Costs::add(std::int64_t ns) {
    if (m_values.size() < kCostsKept)
        m_values.push_back(ns);
    else
        m_values[m_next++ % kCostsKept] = ns;
}

std::int64_t DraftPace::Costs::median() const {
    if (m_values.empty())
        return 0;
    auto sorted = m_values;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    return *middle;
}

std::int64_t DraftPace::plainNs() const {
    return m_costs[0].size() < kPlainFirst ? 0 : m_costs[0].median();
}

std::int64_t DraftPace::gainNs(const DraftRound& round) const {
    const auto plain = plainNs();
    return plain > 0 ? plain * round.tokens - round.durationNs : 0;
}

double DraftPace::tokens(int guesses) const {
    double expected = 1;
    double allRight = 1;
    for (int depth = 0; depth < guesses; ++depth) {
        allRight *= m_right[static_cast<std::size_t>(depth)];
        expected += allRight;
    }
    return expected;
}

// Numbers not tried yet are taken to go on from the two below as those go on from each other; a first guess is taken to
// cost half a plain step. A guess runs a block of its own and one more row through all others: where it seems to cost
// next to nothing, a busy machine slowed the plain steps down, and guesses that are never right would seem to pay.
double DraftPace::roundNs(int guesses) const {
    if (const auto known = m_costs[static_cast<std::size_t>(guesses)].median(); known > 0)
        return std::max(static_cast<double>(known), static_cast<double>(plainNs()) * (1 + kLeastCost * guesses));
    if (guesses <= 1)
        return static_cast<double>(plainNs()) * (guesses == 0 ? 1 : 1.5);
    return 2 * roundNs(guesses - 1) - roundNs(guesses - 2);
}

double DraftPace::tokensPerNs(int guesses) const {
    return tokens(guesses) / std::max(1.0, roundNs(guesses));
}

int DraftPace::best(int most) const {
    int best = 1;
    for (int guesses = 2; guesses <= std::min(most, kDeepest); ++guesses)
        if (tokensPerNs(guesses) > tokensPerNs(best))
            best = guesses;
    return best;
}

bool DraftPace::pays(int guesses) const {
    return tokensPerNs(guesses) > kWorthwhile * tokensPerNs(0);
}

int DraftPace::next(int most) const {
    const auto plain = static_cast<double>(plainNs());
    if (plain == 0 || most < 1 || m_sincePlain >= kPlainEvery)
        return 0;
    const int guesses = best(most);
    if (!pays(guesses))
        return m_creditNs >= plain ? 1 : 0;
    const bool deeper = guesses < std::min(most, kDeepest) && m_sincePlain % kDeeperEvery == kDeeperEvery - 1;
    return deeper ? guesses + 1 : guesses;
}

bool DraftPace::follows() const {
    const auto plain = static_cast<double>(plainNs());
    return plain == 0 || pays(best(kDeepest)) || m_creditNs >= plain * (1 - kStepsAhead * kTrialShare);
}

void DraftPace::add(const DraftRound& round) {
    const auto index = static_cast<std::size_t>(std::min(round.guessed, kDeepest));
    if (round.guessed <= kDeepest)
        m_costs[index].add(round.durationNs);
    const auto plain = static_cast<double>(plainNs());
    if (round.guessed == 0) {
        m_sincePlain = 0;
        if (m_costs[0].size() == kPlainFirst)
            m_creditNs = std::max(m_creditNs, kFirstCredit * plain);
        m_creditNs += kTrialShare * static_cast<double>(round.durationNs);
    } else {
        ++m_sincePlain;
        const double most = plain * (round.right - kLeastCost * round.guessed);
        m_creditNs += std::min(static_cast<double>(gainNs(round)), most);
        // Guesses behind the first wrong one tell nothing.
        for (int depth = 0; depth < std::min({round.guessed, round.right + 1, kDeepest}); ++depth) {
            auto& right = m_right[static_cast<std::size_t>(depth)];
            right += kNewest * ((depth < round.right ? 1.0 : 0.0) - right);
        }
    }
    m_creditNs = std::min(m_creditNs, kMostCredit * plain);
}

} // namespace bathy::runtime
