// What `bathy synth` can make: a config.json and the tensors that it asks for, of any family this build opens.
#pragma once

#include "engine/base/result.h"
#include "engine/model/tensor_spec.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::model::synth {

enum class Weights : std::uint8_t {
    Published, // dtypes of the published files, magnitudes that keep a forward pass sane
    Rule,      // float32 by the rule of rule_weights.h
};

// How a matrix that the family publishes in FP8 is stored.
enum class Fp8Form : std::uint8_t {
    PowerScales,  // F8_E4M3, E8M0 scales under "x.scale" (V4)
    InverseNamed, // F8_E4M3, F32 scales under "x.weight_scale_inv" (V3)
    None,         // the config declares no quantisation: BF16
};

struct Preset {
    std::string configJson; // what config.json will hold
    Weights weights{};
    std::function<void(const TensorVisitor&)> visit; // draft stages included, in file order
    QuantConfig quant;
    Fp8Form fp8{};
    int hashPicks = 0; // of the hash-routing tables, where there are any
    int experts = 0;
};

struct Overrides {
    std::optional<int> layers;  // the first layers of the preset
    std::optional<int> experts; // routed experts
};

std::vector<std::string_view> presetNames();

// `name` is a preset, the path of a config.json (then weights are by rule), or the folder of a checkpoint: the same
// shapes, in the published dtypes where its config declares a quantisation, else by rule.
// Errors: BadArgument (an unknown name, an override out of range), NotFound, BadFile (a broken config), Unsupported (a
// model_type that this build cannot open).
Result<Preset> makePreset(std::string_view name, const Overrides& overrides = {});

// The tensors that a config asks for. Errors: BadFile, Unsupported.
Result<Preset> presetOf(std::string configJson, Weights weights);

} // namespace bathy::model::synth
