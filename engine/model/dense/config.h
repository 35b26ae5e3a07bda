// What a dense model of the Qwen2, Qwen3 or Llama architecture is, as its config.json says. Plain values, validated:
// every count is positive and small enough that products of any three fit in 64 bits.
#pragma once

#include "engine/base/ids.h"
#include "engine/model/rope_scaling.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace bathy::model::dense {

struct Config {
    int vocabSize = 0;
    int hiddenSize = 0; // d
    int layerCount = 0;
    int headCount = 0;   // H
    int kvHeadCount = 0; // G, divides H; query head h reads key/value head h / (H / G)
    int headDim = 0;     // D, even
    int ffnWidth = 0;    // intermediate_size
    double rmsEps = 0;
    RopeConfig rope;
    // Pairs of a head's channels that turn together: neighbours in GGUF files of Llama models, whose query and key rows
    // are permuted; one of each half everywhere else.
    bool ropeInterleaved = false;
    std::vector<double> ropeDivisors; // [headDim / 2] of the frequencies, from GGUF files; empty: none
    bool qkvBias = false;             // Qwen2
    bool qkNorm = false;              // Qwen3: an RMS norm over each query and key head before the rotation
    bool tied = false;                // the output matrix is the embedding
    std::int64_t contextLength = 0;
    std::vector<TokenId> endTokens;

    int queryWidth() const { return headCount * headDim; }
    int kvWidth() const { return kvHeadCount * headDim; }
};

// Errors: BadFile (names the field), Unsupported (another model_type, a sliding window, another activation, biases that
// the architecture does not have).
Result<Config> parseConfig(std::string_view configJson);

} // namespace bathy::model::dense
