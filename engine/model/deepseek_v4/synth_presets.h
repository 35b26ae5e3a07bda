// Configs of the models that `bathy synth` can make.
#pragma once

#include "engine/base/result.h"
#include "engine/model/deepseek_v4/config.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::model::deepseek_v4 {

enum class SynthWeights : std::uint8_t {
    Published, // dtypes of the published files, magnitudes that keep a forward pass sane
    Rule,      // float32 by the rule of rule_weights.h
};

struct SynthPreset {
    std::string configJson; // what config.json will hold
    Config config;
    SynthWeights weights{};
};

struct SynthOverrides {
    std::optional<int> layers;  // the first layers of the preset
    std::optional<int> experts; // routed experts
};

std::vector<std::string_view> synthPresetNames();

// `name` is a preset, the path of a config.json (then weights are by rule), or the folder of a checkpoint: the same
// shapes, in the published dtypes where its config declares a quantisation, else by rule.
// Errors: BadArgument (an unknown name, an override out of range), NotFound, BadFile (a broken config).
Result<SynthPreset> synthPreset(std::string_view name, const SynthOverrides& overrides);

} // namespace bathy::model::deepseek_v4
