// The metadata of a GGUF file from a config.json: the reverse of config.h.
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/gguf_writer.h"
#include "engine/model/gguf/names.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace bathy::model::gguf {

struct Target {
    std::string architecture;
    const NameTable* names = nullptr;
    bool permutesHeads = false; // rows of q and k (llama)
};

// Errors: Unsupported, BadFile (no config or no model_type).
Result<Target> targetOf(const nlohmann::json& config);

// Adds general.*, <architecture>.* and the end tokens that `pairs` does not say yet. Errors: BadFile (a field that the
// architecture needs is missing or has another type), Unsupported.
Result<void> exportMetadata(const nlohmann::json& config, const Target& target, const std::string& name,
                            checkpoint::GgufPairs& pairs);

// Llama 3's rotary scaling as one divisor for each pair of channels; empty for other models.
std::vector<float> ropeDivisors(const nlohmann::json& config);

} // namespace bathy::model::gguf
