// The bytes of one synthetic tensor, any range of them. Pure functions, any thread.
#pragma once

#include "engine/checkpoint/safetensors_writer.h"
#include "engine/model/synth/preset.h"
#include "engine/model/synth/rule_weights.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace bathy::model::synth {

// Ranges handed to fill() begin at multiples of this.
inline constexpr std::uint64_t kFillAlignment = 64;

// How one stored tensor is filled: a weight, or the scale of a quantised weight.
struct FillPlan {
    checkpoint::TensorPlan stored;
    TensorSpec spec; // of the weight
    bool isScale = false;
};

class Fill {
public:
    // `preset` outlives this.
    Fill(const Preset& preset, std::uint64_t seed, WeightRule rule)
        : m_preset(preset), m_seed(seed), m_rule(std::move(rule)) {}

    // Bytes [begin, begin + out.size()) of the tensor; begin is a multiple of kFillAlignment.
    void fill(const FillPlan& plan, std::uint64_t begin, std::span<std::byte> out) const;

private:
    void fillPublished(const FillPlan& plan, std::uint64_t begin, std::span<std::byte> out) const;
    std::uint64_t seedOf(const FillPlan& plan) const;

    const Preset& m_preset;
    std::uint64_t m_seed;
    WeightRule m_rule;
};

} // namespace bathy::model::synth
