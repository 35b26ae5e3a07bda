// Weights of the small test models by rule instead of by file (tests/golden/v4_transformers/README.md): float32, a pure
// function of salt, raw tensor name and element index. With an empty salt and a gain of 1: the tiny models T6 and T6b.
#pragma once

#include "engine/model/tensor_spec.h"

#include <cstdint>
#include <span>
#include <string>

namespace bathy::model::synth {

struct WeightRule {
    std::string salt;       // put before each name
    double indexGain = 1.0; // factor of indexer.weights_proj, spreads the index scores
};

// Elements [first, first + out.size()) of a float tensor, row-major.
void ruleWeights(const WeightRule& rule, const TensorSpec& spec, std::uint64_t first, std::span<float> out);

// Elements of the hash-routing table [vocabulary, picks]: for pick k of token t the candidate is
// (7t + 3 + k (1 + t mod 7)) mod experts, moved up by one while it is already in the row.
void ruleHashTable(int picks, int experts, std::uint64_t first, std::span<std::int64_t> out);

} // namespace bathy::model::synth
