#include "tests/support/v4_rule_model.h"

#include "engine/model/synth/write.h"

#include <atomic>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <unistd.h>

namespace bathy::test {
TemporaryFolder::TemporaryFolder() {
    static std::atomic<int> count{0};
    m_path = std::filesystem::temp_directory_path() /
             ("bathy-test-" + std::to_string(getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(m_path);
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

void writeRuleModel(const std::filesystem::path& folder, const std::string& configJson, const WeightRule& rule) {
    const auto preset = model::synth::presetOf(configJson, model::synth::Weights::Rule);
    if (!preset)
        throw std::runtime_error(preset.error().what());
    ThreadPool pool(1);
    model::synth::WriteOptions options;
    options.rule = rule;
    options.pool = &pool;
    const auto made = model::synth::writeCheckpoint(*preset, folder, options);
    if (!made)
        throw std::runtime_error(made.error().what());
}

std::string readText(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw std::runtime_error("cannot read " + path.string());
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
}

GoldenCase readGoldenCase(const std::string& name) {
    const auto folder = std::filesystem::path(BATHY_SOURCE_DIR) / "tests/golden" / name;
    GoldenCase golden;
    golden.configJson = readText(folder / "config.json");
    if (std::filesystem::exists(folder / "weights.json")) {
        const auto rule = nlohmann::json::parse(readText(folder / "weights.json"));
        golden.rule = {rule.at("salt").get<std::string>(), rule.at("index_gain").get<double>()};
    }
    for (const auto& token : nlohmann::json::parse(readText(folder / "tokens.json")))
        golden.tokens.push_back(TokenId{token.get<std::int32_t>()});
    golden.logits = readNpy(folder / "logits.npy");
    return golden;
}

std::vector<TokenId> ruleTokens(std::int64_t count, std::int64_t vocabulary) {
    std::vector<TokenId> tokens;
    for (std::int64_t t = 0; t < count; ++t)
        tokens.push_back(TokenId{static_cast<std::int32_t>((37 * t + 11 * (t / 5) + 5) % vocabulary)});
    return tokens;
}

} // namespace bathy::test
