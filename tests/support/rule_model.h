// Small checkpoints of the dense and DeepSeek-V3 families whose weights follow the rule of tests/golden/families,
// written to a folder.
#pragma once

#include "engine/model/tensor_spec.h"
#include "tests/support/v4_rule_model.h"

#include <filesystem>
#include <string>

namespace bathy::test {

// How matrices are stored.
enum class StoreAs {
    F32,
    BF16,    // rounded
    Fp8,     // blocks of 16 x 16 with F32 scales named weight_scale_inv, as V3 has; other tensors F32
    Fp8AsF32 // the values of the form above, as F32
};

// Writes config.json and one model.safetensors with every tensor of the config. The config's model_type chooses the
// family.
void writeFamilyModel(const std::filesystem::path& folder, const std::string& configJson, const WeightRule& rule,
                      StoreAs store = StoreAs::F32);

} // namespace bathy::test
