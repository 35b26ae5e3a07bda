#include "engine/model/config_reader.h"

#include <cmath>
#include <limits>
#include <sstream>

namespace bathy::model {
namespace {

std::string shown(double value) {
    std::ostringstream text;
    text << value;
    return text.str();
}

} // namespace

bool ConfigReader::has(const char* key) const {
    const auto found = m_object.find(key);
    return found != m_object.end() && !found->is_null();
}

const nlohmann::json& ConfigReader::at(const char* key) const {
    return *m_object.find(key);
}

Error ConfigReader::bad(const char* key, const std::string& what) const {
    return Error(ErrorCode::BadFile, m_file + ": " + m_where + key + " " + what);
}

Result<std::int64_t> ConfigReader::integer(const char* key, std::int64_t low, std::int64_t high,
                                           std::optional<std::int64_t> fallback) const {
    if (!has(key)) {
        if (fallback)
            return *fallback;
        return bad(key, "is missing");
    }
    const auto& value = at(key);
    if (!value.is_number_integer())
        return bad(key, "is not a whole number");
    const bool tooLarge =
        value.is_number_unsigned() &&
        value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (tooLarge || value.get<std::int64_t>() < low || value.get<std::int64_t>() > high)
        return bad(key, "is " + value.dump() + ", outside " + std::to_string(low) + " to " + std::to_string(high));
    return value.get<std::int64_t>();
}

Result<double> ConfigReader::number(const char* key, double low, double high, std::optional<double> fallback) const {
    if (!has(key)) {
        if (fallback)
            return *fallback;
        return bad(key, "is missing");
    }
    const auto& value = at(key);
    if (!value.is_number())
        return bad(key, "is not a number");
    const double number = value.get<double>();
    if (!(number >= low && number <= high))
        return bad(key, "is " + shown(number) + ", outside " + shown(low) + " to " + shown(high));
    return number;
}

Result<std::string> ConfigReader::string(const char* key, std::optional<std::string_view> fallback) const {
    if (!has(key)) {
        if (fallback)
            return std::string(*fallback);
        return bad(key, "is missing");
    }
    if (!at(key).is_string())
        return bad(key, "is not a text");
    return at(key).get<std::string>();
}

Result<bool> ConfigReader::boolean(const char* key, std::optional<bool> fallback) const {
    if (!has(key)) {
        if (fallback)
            return *fallback;
        return bad(key, "is missing");
    }
    if (!at(key).is_boolean())
        return bad(key, "is neither true nor false");
    return at(key).get<bool>();
}

Result<void> ConfigReader::onlyString(const char* key, std::string_view known) const {
    BATHY_TRY(const auto value, string(key, known));
    if (value == known)
        return {};
    return Error(ErrorCode::Unsupported, m_file + ": " + m_where + key + " is \"" + value.substr(0, 64) + "\", only " +
                                             std::string(known) + " is known");
}

Result<void> ConfigReader::onlyFalse(const char* key, const char* why) const {
    BATHY_TRY(const bool value, boolean(key, false));
    if (!value)
        return {};
    return Error(ErrorCode::Unsupported, m_file + ": " + m_where + key + " is true, " + why);
}

Result<ConfigReader> ConfigReader::object(const char* key) const {
    if (!has(key))
        return bad(key, "is missing");
    if (!at(key).is_object())
        return bad(key, "is not an object");
    return ConfigReader(at(key), m_where + key + ".", m_file);
}

} // namespace bathy::model
