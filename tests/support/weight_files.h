// Small files that look like weights from outside: true headers over holes. For tests of what finds and lists models.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace bathy::test {

struct GgufShape {
    std::string architecture = "qwen2";
    std::uint32_t contextLength = 32'768;
    std::uint32_t fileType = 15;        // Q4_K_M
    std::string title = "A model";      // general.name: other titles, other headers
    int vocabulary = 300;               // entries of the array of tokens, which stands before the file type
    std::uint64_t tensorBytes = 65'536; // a hole
};
void writeGguf(const std::filesystem::path& file, const GgufShape& shape);

// One matrix of `dtype` and a vector in F32.
void writeSafetensors(const std::filesystem::path& file, const std::string& dtype, std::uint64_t elements);

// config.json of a dense model.
void writeConfig(const std::filesystem::path& folder, const std::string& modelType, int contextLength);

} // namespace bathy::test
