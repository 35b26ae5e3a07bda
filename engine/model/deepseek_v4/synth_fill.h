// The bytes of one synthetic tensor, any range of them. Pure functions, any thread.
#pragma once

#include "engine/checkpoint/safetensors_writer.h"
#include "engine/model/deepseek_v4/rule_weights.h"
#include "engine/model/deepseek_v4/synth_presets.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace bathy::model::deepseek_v4 {

// Ranges handed to fill() begin at multiples of this.
inline constexpr std::uint64_t kFillAlignment = 64;

// How one stored tensor is filled: a weight, or the scale of a quantised weight.
struct FillPlan {
    checkpoint::TensorPlan stored;
    TensorSpec spec; // of the weight
    bool isScale = false;
};

class SynthFill {
public:
    SynthFill(const Config& config, SynthWeights weights, std::uint64_t seed, WeightRule rule)
        : m_config(config), m_weights(weights), m_seed(seed), m_rule(std::move(rule)) {}

    // Bytes [begin, begin + out.size()) of the tensor; begin is a multiple of kFillAlignment.
    void fill(const FillPlan& plan, std::uint64_t begin, std::span<std::byte> out) const;

private:
    void fillPublished(const FillPlan& plan, std::uint64_t begin, std::span<std::byte> out) const;
    std::uint64_t seedOf(const FillPlan& plan) const;

    const Config& m_config;
    SynthWeights m_weights;
    std::uint64_t m_seed;
    WeightRule m_rule;
};

} // namespace bathy::model::deepseek_v4
