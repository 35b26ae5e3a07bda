#include "tests/support/v4_rule_model.h"

#include "engine/model/deepseek_v4/config.h"
#include "engine/model/deepseek_v4/tensor_spec.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <unistd.h>

namespace bathy::test {
namespace {

using model::deepseek_v4::Config;
using model::deepseek_v4::TensorSpec;

std::uint64_t fnv1a(const std::string& text) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const unsigned char byte : text)
        hash = (hash ^ byte) * 0x100000001b3u;
    return hash;
}

double unit(std::uint64_t seed, std::uint64_t index) {
    std::uint64_t z = seed + (index + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return static_cast<double>(z >> 40) / 8388608.0 - 1.0;
}

double asFloat(double value) {
    return static_cast<double>(static_cast<float>(value));
}

float valueOf(const std::string& name, double u, double fanIn, const WeightRule& rule) {
    const auto ends = [&name](const char* suffix) { return name.ends_with(suffix); };
    if (ends("norm.weight"))
        return static_cast<float>(1 + 0.25 * u);
    if (ends("_scale"))
        return static_cast<float>(1 + 0.5 * u);
    if (name == "embed.weight")
        return static_cast<float>(2 * u);
    if (ends(".ape") || ends("attn_sink") || ends("gate.bias") || ends("_base"))
        return static_cast<float>(u);
    if (ends("_fn"))
        return static_cast<float>(u * asFloat(4 / std::sqrt(fanIn)));
    if (ends("weights_proj.weight"))
        return static_cast<float>(u * asFloat(2 * rule.indexGain / std::sqrt(fanIn)));
    return static_cast<float>(u * asFloat(2 / std::sqrt(fanIn)));
}

template <class T>
void append(std::string& bytes, T value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void appendHashTable(std::string& data, const Config& config) {
    for (std::int64_t t = 0; t < config.vocabSize; ++t) {
        std::vector<std::int64_t> row;
        for (std::int64_t k = 0; k < config.expertsPerToken; ++k) {
            auto expert = (7 * t + 3 + k * (1 + t % 7)) % config.routedExperts;
            while (std::find(row.begin(), row.end(), expert) != row.end())
                expert = (expert + 1) % config.routedExperts;
            row.push_back(expert);
            append(data, expert);
        }
    }
}

void appendTensor(std::string& data, const TensorSpec& spec, const Config& config, const WeightRule& rule) {
    if (spec.name.ends_with("tid2eid"))
        return appendHashTable(data, config);
    const auto seed = fnv1a(rule.salt + spec.name);
    for (std::uint64_t i = 0; i < spec.elementCount(); ++i)
        append(data, valueOf(spec.name, unit(seed, i), static_cast<double>(spec.shape.back()), rule));
}

} // namespace

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
    const auto config = model::deepseek_v4::parseConfig(configJson);
    if (!config)
        throw std::runtime_error(config.error().what());
    nlohmann::ordered_json header;
    std::string data;
    const auto add = [&](const TensorSpec& spec) {
        const auto begin = data.size();
        appendTensor(data, spec, *config, rule);
        header[spec.name] = {{"dtype", spec.name.ends_with("tid2eid") ? "I64" : "F32"},
                             {"shape", spec.shape},
                             {"data_offsets", {begin, data.size()}}};
    };
    model::deepseek_v4::visitMainTensors(*config, add);
    if (config->draftLayersDeclared > 0)
        model::deepseek_v4::visitDraftTensors(
            *config, {model::deepseek_v4::DraftKind::Mtp, config->draftLayersDeclared}, add);
    auto text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    std::string prefix;
    append(prefix, static_cast<std::uint64_t>(text.size()));
    std::ofstream(folder / "config.json") << configJson;
    std::ofstream(folder / "model.safetensors", std::ios::binary) << prefix << text << data;
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
