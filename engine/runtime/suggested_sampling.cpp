#include "engine/runtime/suggested_sampling.h"

#include "engine/base/text_file.h"
#include "engine/model/config_reader.h"

#include <nlohmann/json.hpp>

namespace bathy::runtime {
namespace {

constexpr const char* kFile = "generation_config.json";
constexpr std::uint64_t kMostBytes = 1U << 20U;

class Suggestions {
public:
    Suggestions(const nlohmann::json& object, std::vector<std::string>& warnings)
        : m_config(object, "", kFile), m_warnings(warnings) {}

    void number(const char* key, double low, double high, float& value) {
        if (!m_config.has(key))
            return;
        if (const auto read = m_config.number(key, low, high))
            value = static_cast<float>(*read);
        else
            skip(read.error());
    }
    void integer(const char* key, std::int64_t low, std::int64_t high, int& value) {
        if (!m_config.has(key))
            return;
        if (const auto read = m_config.integer(key, low, high))
            value = static_cast<int>(*read);
        else
            skip(read.error());
    }
    bool isGreedy() {
        const auto samples = m_config.boolean("do_sample", true);
        if (!samples)
            skip(samples.error());
        return samples && !*samples;
    }

private:
    void skip(const Error& error) { m_warnings.push_back("not used: " + error.what()); }

    model::ConfigReader m_config;
    std::vector<std::string>& m_warnings;
};

} // namespace

api::SamplingOptions suggestedSampling(const checkpoint::Checkpoint& checkpoint, std::vector<std::string>& warnings) {
    api::SamplingOptions sampling;
    if (checkpoint.metadata())
        return sampling;
    const auto text = readTextFile(checkpoint.folder() / kFile, kMostBytes);
    if (!text) // mostly because there is none
        return sampling;
    const auto json = nlohmann::json::parse(*text, nullptr, false);
    if (!json.is_object()) {
        warnings.push_back(std::string("not used: ") + kFile + ": is not a JSON object");
        return sampling;
    }
    Suggestions suggestions(json, warnings);
    suggestions.number("temperature", 0, 5, sampling.temperature);
    suggestions.integer("top_k", 0, 1 << 20, sampling.topK);
    suggestions.number("top_p", 1e-6, 1, sampling.topP);
    suggestions.number("min_p", 0, 1, sampling.minP);
    suggestions.number("repetition_penalty", 0.1, 10, sampling.repetitionPenalty);
    if (suggestions.isGreedy())
        sampling.temperature = 0;
    return sampling;
}

} // namespace bathy::runtime
