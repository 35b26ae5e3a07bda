// The config.json that says what a GGUF file's metadata says. Keys are those of Hugging Face, with these of our own,
// for what only GGUF has:
//   rope_interleaved: true   q and k rows are permuted so that neighbours are rotated together (llama)
//   rope_divisors: [...]     frequency i is divided by entry i; no other scaling applies (llama 3)
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/checkpoint.h"

#include <nlohmann/json.hpp>

namespace bathy::model::gguf {

// Reads the keys of one architecture. Errors: BadFile naming file and key.
class KeyReader {
public:
    KeyReader(const checkpoint::Checkpoint& checkpoint, std::string architecture);

    const checkpoint::Checkpoint& checkpoint() const { return m_checkpoint; }
    const checkpoint::GgufMetadata& metadata() const { return m_metadata; }
    const std::string& architecture() const { return m_architecture; }
    // "deepseek2.block_count" of "block_count".
    std::string key(std::string_view name) const { return m_architecture + "." + std::string(name); }
    bool has(std::string_view name) const { return m_metadata.has(key(name)); }

    Result<std::int64_t> integer(std::string_view name, std::int64_t low, std::int64_t high,
                                 std::optional<std::int64_t> fallback = std::nullopt) const {
        return m_metadata.integer(key(name), low, high, fallback);
    }
    Result<double> number(std::string_view name, double low, double high,
                          std::optional<double> fallback = std::nullopt) const {
        return m_metadata.number(key(name), low, high, fallback);
    }
    Error bad(std::string_view name, const std::string& what) const { return m_metadata.bad(key(name), what); }

private:
    const checkpoint::Checkpoint& m_checkpoint;
    const checkpoint::GgufMetadata& m_metadata;
    std::string m_architecture;
};

// What every architecture has: sizes, context, epsilon, rotary base, end tokens, tied output. `blocks` becomes the
// number of main layers, without draft blocks at the end.
Result<nlohmann::json> sharedConfig(const KeyReader& reader);
// YaRN as the keys rope.scaling.* say it, or null.
Result<nlohmann::json> yarnScaling(const KeyReader& reader);

Result<nlohmann::json> deepseek4Config(const KeyReader& reader);
Result<nlohmann::json> mlaConfig(const KeyReader& reader);   // deepseek2, deepseek32
Result<nlohmann::json> denseConfig(const KeyReader& reader); // qwen2, qwen3, llama

} // namespace bathy::model::gguf
