// How a config.json stretches rotary positions beyond the context a model was first trained with, for all families that
// use the common keys. Plain values, validated.
#pragma once

#include "engine/model/config_reader.h"

#include <cstdint>
#include <optional>

namespace bathy::model {

enum class RopeScalingKind : std::uint8_t {
    None,
    Linear, // every frequency divided by `factor`
    Yarn,   // low frequencies divided, high ones kept, a ramp between
    Llama3, // the same by wavelength
};

struct RopeConfig {
    double theta = 10000; // base of the frequencies
    RopeScalingKind kind = RopeScalingKind::None;
    double factor = 1;
    double originalContext = 0; // Yarn, Llama3
    double betaFast = 32;       // Yarn
    double betaSlow = 1;
    double lowFactor = 1; // Llama3
    double highFactor = 4;
    // Yarn's terms of magnitude as the file gives them.
    std::optional<double> attentionFactor; // final multiplier of cos and sin
    std::optional<double> attnFactor;      // on top of 0.1 ln(factor) + 1
    std::optional<double> mscale;
    std::optional<double> mscaleAllDim;

    // What cos and sin are multiplied by: the file's attention_factor; else the ratio of the two mscale terms where
    // both are given (DeepSeek); else attn_factor, or 1, times 0.1 ln(factor) + 1. 1 for the other kinds.
    double magnitude() const;
    // What the scores are multiplied by besides the usual scale: (0.1 mscale_all_dim ln(factor) + 1)^2 (DeepSeek).
    double scoreFactor() const;
};

// Reads rope_theta and rope_scaling, or rope_parameters of newer files. Errors: BadFile, Unsupported (another type).
Result<RopeConfig> readRopeConfig(const ConfigReader& reader);

} // namespace bathy::model
