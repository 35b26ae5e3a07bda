// Small DeepSeek-V4 checkpoints whose weights follow the rule of tests/golden/v4_transformers/README.md, written to a
// temporary folder, and their golden logits.
#pragma once

#include "engine/base/ids.h"
#include "engine/model/synth/rule_weights.h"
#include "tests/support/npy.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bathy::test {

// A folder that is removed with the object.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

using model::synth::WeightRule;

// Writes config.json and one model.safetensors with every tensor of the config (draft stage included where the config
// declares one) in float32, raw names.
void writeRuleModel(const std::filesystem::path& folder, const std::string& configJson, const WeightRule& rule);

// A case of tests/golden: "v4_tiny/t6", "v4_transformers/pro_like".
struct GoldenCase {
    std::string configJson;
    WeightRule rule;
    std::vector<TokenId> tokens;
    Matrix logits; // [tokens, vocab]
};
GoldenCase readGoldenCase(const std::string& name);

std::string readText(const std::filesystem::path& path);
// The first `count` tokens of the rule: (37 t + 11 floor(t / 5) + 5) mod vocab.
std::vector<TokenId> ruleTokens(std::int64_t count, std::int64_t vocabulary);

} // namespace bathy::test
