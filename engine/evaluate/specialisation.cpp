#include "engine/evaluate/specialisation.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace bathy::evaluate {
namespace {

// Picks per layer and expert, [layers, experts].
using Counts = std::vector<double>;

std::size_t cells(const PickTable& table) {
    return table.layers.size() * static_cast<std::size_t>(table.experts);
}
std::size_t sampleCount(const PickTable& table) {
    return table.tokens.size() / kSampleTokens;
}
void add(Counts& sum, const Counts& more) {
    for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] += more[i];
}

// One for each `length` tokens of the whole samples.
std::vector<Counts> sampleCounts(const PickTable& table, std::size_t length) {
    std::vector<Counts> samples(sampleCount(table) * (kSampleTokens / length), Counts(cells(table)));
    for (std::size_t t = 0; t < samples.size() * length; ++t)
        for (std::size_t layer = 0; layer < table.layers.size(); ++layer)
            for (const auto expert : table.at(t, layer))
                samples[t / length][layer * static_cast<std::size_t>(table.experts) + expert] += 1;
    return samples;
}

Counts totalCounts(const PickTable& table) {
    Counts sum(cells(table));
    for (std::size_t t = 0; t < table.tokens.size(); ++t)
        for (std::size_t layer = 0; layer < table.layers.size(); ++layer)
            for (const auto expert : table.at(t, layer))
                sum[layer * static_cast<std::size_t>(table.experts) + expert] += 1;
    return sum;
}

// Shares of the experts of one layer.
std::vector<double> shares(const Counts& counts, std::size_t layer, int experts) {
    const auto begin = counts.begin() + static_cast<std::ptrdiff_t>(layer * static_cast<std::size_t>(experts));
    std::vector<double> result(begin, begin + experts);
    const double sum = std::accumulate(result.begin(), result.end(), 0.0);
    for (auto& share : result)
        share = sum > 0 ? share / sum : 0;
    return result;
}

double jensenShannon(const std::vector<double>& p, const std::vector<double>& q) {
    double bits = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        const double middle = (p[i] + q[i]) / 2;
        for (const double x : {p[i], q[i]})
            if (x > 0)
                bits += x / 2 * std::log2(x / middle);
    }
    return std::sqrt(std::max(0.0, bits));
}

// ln p(expert | domain) per cell from the samples of one parity, each cell seen once more than it was.
Counts logShares(const std::vector<Counts>& samples, std::size_t parity, const PickTable& table) {
    Counts known(cells(table), 1.0);
    for (std::size_t s = parity; s < samples.size(); s += 2)
        add(known, samples[s]);
    Counts logs;
    for (std::size_t layer = 0; layer < table.layers.size(); ++layer)
        for (const auto share : shares(known, layer, table.experts))
            logs.push_back(std::log(share));
    return logs;
}

// Share of samples of `length` tokens whose domain is guessed right.
double guessedShare(const std::vector<PickTable>& domains, std::size_t length) {
    std::int64_t right = 0;
    std::int64_t all = 0;
    for (const std::size_t parity : {0U, 1U}) {
        std::vector<Counts> known;
        for (const auto& domain : domains)
            known.push_back(logShares(sampleCounts(domain, kSampleTokens), parity, domain));
        for (std::size_t d = 0; d < domains.size(); ++d) {
            const auto samples = sampleCounts(domains[d], length);
            for (std::size_t s = 0; s < samples.size(); ++s) {
                if (s * length / kSampleTokens % 2 == parity)
                    continue;
                std::vector<double> scores;
                for (const auto& logs : known)
                    scores.push_back(std::inner_product(samples[s].begin(), samples[s].end(), logs.begin(), 0.0));
                const auto best = std::ranges::max_element(scores) - scores.begin();
                right += static_cast<std::size_t>(best) == d ? 1 : 0;
                ++all;
            }
        }
    }
    return all > 0 ? static_cast<double>(right) / static_cast<double>(all) : 0;
}

} // namespace

DomainGuess guessDomains(const std::vector<PickTable>& domains) {
    DomainGuess guess;
    for (const auto& domain : domains)
        guess.samples += static_cast<std::int64_t>(sampleCount(domain));
    if (guess.samples == 0)
        return guess;
    guess.chance = 1.0 / static_cast<double>(domains.size());
    guess.fromSample = guessedShare(domains, kSampleTokens);
    guess.fromGlance = guessedShare(domains, kGlanceTokens);
    return guess;
}

std::vector<LayerDistance> domainDistances(const std::vector<PickTable>& domains) {
    if (domains.size() < 2)
        return {};
    std::vector<LayerDistance> result(domains.front().layers.size());
    const auto count = static_cast<double>(domains.size());
    std::mt19937 random(1); // the same halves every time
    std::vector<Counts> totals;
    for (const auto& domain : domains)
        totals.push_back(totalCounts(domain));
    const auto experts = domains.front().experts;
    for (std::size_t layer = 0; layer < result.size(); ++layer) {
        result[layer].layer = domains.front().layers[layer];
        for (std::size_t a = 0; a < domains.size(); ++a)
            for (std::size_t b = a + 1; b < domains.size(); ++b)
                result[layer].between +=
                    jensenShannon(shares(totals[a], layer, experts), shares(totals[b], layer, experts)) /
                    (count * (count - 1) / 2);
    }
    for (const auto& domain : domains) {
        auto samples = sampleCounts(domain, kSampleTokens);
        for (int halving = 0; halving < kHalvings; ++halving) {
            for (std::size_t i = samples.size(); i > 1; --i)
                std::swap(samples[i - 1], samples[random() % i]);
            std::vector<Counts> halves(2, Counts(cells(domain)));
            for (std::size_t s = 0; s < samples.size() / 2 * 2; ++s)
                add(halves[s % 2], samples[s]);
            for (std::size_t layer = 0; layer < result.size(); ++layer)
                result[layer].within +=
                    jensenShannon(shares(halves[0], layer, experts), shares(halves[1], layer, experts)) /
                    (count * kHalvings);
        }
    }
    return result;
}

std::vector<LayerLoad> expertLoad(const std::vector<PickTable>& domains) {
    std::vector<LayerLoad> loads;
    if (domains.empty())
        return loads;
    Counts sum(cells(domains.front()));
    for (const auto& domain : domains)
        add(sum, totalCounts(domain));
    for (std::size_t layer = 0; layer < domains.front().layers.size(); ++layer) {
        const auto part = shares(sum, layer, domains.front().experts);
        loads.push_back({domains.front().layers[layer], *std::ranges::max_element(part) * domains.front().experts,
                         static_cast<int>(std::ranges::count(part, 0.0))});
    }
    return loads;
}

std::vector<ExpertRef> favouriteExperts(const std::vector<PickTable>& domains, std::size_t domain, int count) {
    std::vector<ExpertRef> favourites;
    const auto& own = domains.at(domain);
    std::vector<Counts> totals;
    for (const auto& each : domains)
        totals.push_back(totalCounts(each));
    for (std::size_t layer = 0; layer < own.layers.size(); ++layer) {
        auto surplus = shares(totals[domain], layer, own.experts);
        for (std::size_t d = 0; d < domains.size(); ++d) {
            if (d == domain)
                continue;
            const auto other = shares(totals[d], layer, own.experts);
            for (std::size_t e = 0; e < surplus.size(); ++e)
                surplus[e] -= other[e] / static_cast<double>(domains.size() - 1);
        }
        std::vector<int> order(surplus.size());
        std::iota(order.begin(), order.end(), 0);
        std::ranges::stable_sort(order, std::greater(), [&](int e) { return surplus[static_cast<std::size_t>(e)]; });
        for (int i = 0; i < std::min(count, own.experts); ++i)
            favourites.push_back({own.layers[layer], static_cast<ExpertId>(order[static_cast<std::size_t>(i)])});
    }
    return favourites;
}

} // namespace bathy::evaluate
