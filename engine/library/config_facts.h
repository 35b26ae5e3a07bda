// The few words of a config.json that a list of models shows. Pure but for the read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace bathy::library {

struct ConfigFacts {
    std::string modelType;          // "deepseek_v3"
    std::int64_t contextLength = 0; // max_position_embeddings
    std::string quantisation;       // of methods whose tensors do not say it by their type: "GPTQ", "AWQ"
};

// All empty when the file is no config.
ConfigFacts readConfigFacts(const std::filesystem::path& path);

} // namespace bathy::library
