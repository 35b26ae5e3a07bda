// Typed reading of a config.json object: every refusal names the field. For parsers of model configs only.
#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace bathy::model {

class ConfigReader {
public:
    // `where` is the path of this object for messages: "" or "rope_scaling."; `file` is where it stands.
    ConfigReader(const nlohmann::json& object, std::string where, std::string file = "config.json")
        : m_object(object), m_where(std::move(where)), m_file(std::move(file)) {}

    bool has(const char* key) const; // present and not null
    const nlohmann::json& at(const char* key) const;

    // Errors: BadFile when missing (without fallback), of another type or outside [low, high].
    Result<std::int64_t> integer(const char* key, std::int64_t low, std::int64_t high,
                                 std::optional<std::int64_t> fallback = std::nullopt) const;
    Result<double> number(const char* key, double low, double high,
                          std::optional<double> fallback = std::nullopt) const;
    Result<std::string> string(const char* key, std::optional<std::string_view> fallback = std::nullopt) const;
    Result<bool> boolean(const char* key, std::optional<bool> fallback = std::nullopt) const;
    Result<ConfigReader> object(const char* key) const;

    // A choice that only one forward pass exists for. Absent is that choice. Errors: BadFile (another type),
    // Unsupported.
    Result<void> onlyString(const char* key, std::string_view known) const;
    Result<void> onlyFalse(const char* key, const char* why) const;

    Error bad(const char* key, const std::string& what) const;

private:
    const nlohmann::json& m_object;
    std::string m_where;
    std::string m_file;
};

} // namespace bathy::model
