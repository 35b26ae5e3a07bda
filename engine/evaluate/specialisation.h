// How much the choice of experts tells of what a text is about. Pure functions of pick tables, one table per domain,
// all of the same model.
#pragma once

#include "engine/evaluate/pick_table.h"

#include <cstdint>
#include <vector>

namespace bathy::evaluate {

// A sample is so many consecutive tokens of a domain.
inline constexpr std::size_t kSampleTokens = 256;
inline constexpr std::size_t kGlanceTokens = 16; // divides kSampleTokens

// Guesses the domain of each sample from its counts of experts per layer, by naive Bayes with equal priors. What is
// known of a domain comes from its other half (even samples know of odd ones, and the other way round).
//
// An untrained model does well at whole samples: it sends the same token the same way, and other texts have other
// tokens in other company; over 256 tokens even that little adds up. It does not at a glance, where experts must differ
// much.
struct DomainGuess {
    std::int64_t samples = 0;
    double chance = 0;     // one in the number of domains
    double fromSample = 0; // share guessed right from kSampleTokens tokens
    double fromGlance = 0; // share guessed right from kGlanceTokens tokens
};
DomainGuess guessDomains(const std::vector<PickTable>& domains);

// Jensen-Shannon distance (the root of the divergence in bits, 0..1) between shares of experts in one layer.
struct LayerDistance {
    LayerId layer{};
    double between = 0; // mean over all pairs of domains
    double within = 0;  // mean over domains: two random halves of its samples, over kHalvings seeded halvings
    double ratio() const { return within > 0 ? between / within : 0; }
};
inline constexpr int kHalvings = 8;
std::vector<LayerDistance> domainDistances(const std::vector<PickTable>& domains);

// How evenly the experts of one layer are used.
struct LayerLoad {
    LayerId layer{};
    double maxOverMean = 0;
    int dead = 0; // experts no token was sent to
};
std::vector<LayerLoad> expertLoad(const std::vector<PickTable>& domains);

// In each layer the `count` experts whose share in `domain` exceeds their mean share in the other domains most.
std::vector<ExpertRef> favouriteExperts(const std::vector<PickTable>& domains, std::size_t domain, int count);

} // namespace bathy::evaluate
