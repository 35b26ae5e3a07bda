#include "engine/checkpoint/gguf_metadata.h"

#include "engine/checkpoint/byte_cursor.h"

#include <charconv>
#include <cstdio>
#include <limits>

namespace bathy::checkpoint {
namespace {

template <class T>
T valueAt(const GgufValue& value, std::uint64_t index) {
    T result{};
    std::memcpy(&result, value.bytes.data() + index * sizeof(T), sizeof(T));
    return result;
}

bool isInteger(GgufValueType type) {
    return ggufValueBytes(type) > 0 && type != GgufValueType::F32 && type != GgufValueType::F64 &&
           type != GgufValueType::Bool;
}

bool isNumber(GgufValueType type) {
    return isInteger(type) || type == GgufValueType::F32 || type == GgufValueType::F64;
}

// Element `index` of integers of any width. Above 2^63 - 1 the largest is given, which no range allows.
std::int64_t integerAt(const GgufValue& value, GgufValueType type, std::uint64_t index) {
    switch (type) {
    case GgufValueType::U8:
        return valueAt<std::uint8_t>(value, index);
    case GgufValueType::I8:
        return valueAt<std::int8_t>(value, index);
    case GgufValueType::U16:
        return valueAt<std::uint16_t>(value, index);
    case GgufValueType::I16:
        return valueAt<std::int16_t>(value, index);
    case GgufValueType::U32:
        return valueAt<std::uint32_t>(value, index);
    case GgufValueType::I32:
        return valueAt<std::int32_t>(value, index);
    case GgufValueType::U64: {
        constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();
        const auto wide = valueAt<std::uint64_t>(value, index);
        return wide > static_cast<std::uint64_t>(kLargest) ? kLargest : static_cast<std::int64_t>(wide);
    }
    default:
        return valueAt<std::int64_t>(value, index);
    }
}

// The shortest decimal that names the float: writers round what people wrote, 1e-06, to the nearest float.
double decimal(float value) {
    char text[32];
    double result = static_cast<double>(value);
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    std::from_chars(text, end, result);
    return result;
}

double numberAt(const GgufValue& value, GgufValueType type, std::uint64_t index) {
    if (type == GgufValueType::F32)
        return decimal(valueAt<float>(value, index));
    if (type == GgufValueType::F64)
        return valueAt<double>(value, index);
    return static_cast<double>(integerAt(value, type, index));
}

std::string rangeText(const std::string& value, const std::string& low, const std::string& high) {
    return "is " + value + ", outside " + low + " to " + high;
}

std::string shortNumber(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    return text;
}

} // namespace

bool GgufMetadata::add(std::string_view key, const GgufValue& value) {
    if (!m_byKey.emplace(key, m_entries.size()).second)
        return false;
    m_entries.emplace_back(key, value);
    return true;
}

const GgufValue* GgufMetadata::find(std::string_view key) const {
    const auto found = m_byKey.find(key);
    return found == m_byKey.end() ? nullptr : &m_entries[found->second].second;
}

Error GgufMetadata::bad(std::string_view key, const std::string& what) const {
    return Error(ErrorCode::BadFile, m_fileName + ": " + std::string(key) + " " + what,
                 "the file breaks the rules of its format; download it again");
}

Result<const GgufValue*> GgufMetadata::need(std::string_view key, std::optional<GgufValueType> type) const {
    const auto* value = find(key);
    if (!value)
        return bad(key, "is missing");
    if (type && value->type != *type)
        return bad(key, "is of type " + std::string(ggufValueName(value->type)) + ", not " +
                            std::string(ggufValueName(*type)));
    return value;
}

Result<const GgufValue*> GgufMetadata::needArray(std::string_view key) const {
    return need(key, GgufValueType::Array);
}

Result<std::int64_t> GgufMetadata::integer(std::string_view key, std::int64_t low, std::int64_t high,
                                           std::optional<std::int64_t> fallback) const {
    if (fallback && !has(key))
        return *fallback;
    BATHY_TRY(const auto* value, need(key, std::nullopt));
    if (!isInteger(value->type))
        return bad(key, "is of type " + std::string(ggufValueName(value->type)) + ", not an integer");
    const auto number = integerAt(*value, value->type, 0);
    if (number < low || number > high)
        return bad(key, rangeText(std::to_string(number), std::to_string(low), std::to_string(high)));
    return number;
}

Result<double> GgufMetadata::number(std::string_view key, double low, double high,
                                    std::optional<double> fallback) const {
    if (fallback && !has(key))
        return *fallback;
    BATHY_TRY(const auto* value, need(key, std::nullopt));
    if (!isNumber(value->type))
        return bad(key, "is of type " + std::string(ggufValueName(value->type)) + ", not a number");
    const auto number = numberAt(*value, value->type, 0);
    if (!(number >= low && number <= high))
        return bad(key, rangeText(shortNumber(number), shortNumber(low), shortNumber(high)));
    return number;
}

Result<bool> GgufMetadata::boolean(std::string_view key, std::optional<bool> fallback) const {
    if (fallback && !has(key))
        return *fallback;
    BATHY_TRY(const auto* value, need(key, GgufValueType::Bool));
    return value->bytes[0] != std::byte{0};
}

Result<std::string_view> GgufMetadata::string(std::string_view key, std::size_t mostBytes,
                                              std::optional<std::string_view> fallback) const {
    if (fallback && !has(key))
        return *fallback;
    BATHY_TRY(const auto* value, need(key, GgufValueType::String));
    if (value->bytes.size() > mostBytes)
        return bad(key, "has " + std::to_string(value->bytes.size()) + " bytes, more than the limit of " +
                            std::to_string(mostBytes));
    return std::string_view(reinterpret_cast<const char*>(value->bytes.data()), value->bytes.size());
}

Result<std::vector<std::int64_t>> GgufMetadata::integers(std::string_view key, std::int64_t low,
                                                         std::int64_t high) const {
    BATHY_TRY(const auto* value, needArray(key));
    if (!isInteger(value->elementType))
        return bad(key, "is an array of " + std::string(ggufValueName(value->elementType)) + ", not of integers");
    std::vector<std::int64_t> result(value->count);
    for (std::uint64_t i = 0; i < value->count; ++i) {
        result[i] = integerAt(*value, value->elementType, i);
        if (result[i] < low || result[i] > high)
            return bad(key, "at place " + std::to_string(i) + " " +
                                rangeText(std::to_string(result[i]), std::to_string(low), std::to_string(high)));
    }
    return result;
}

Result<std::vector<double>> GgufMetadata::numbers(std::string_view key, double low, double high) const {
    BATHY_TRY(const auto* value, needArray(key));
    if (!isNumber(value->elementType))
        return bad(key, "is an array of " + std::string(ggufValueName(value->elementType)) + ", not of numbers");
    std::vector<double> result(value->count);
    for (std::uint64_t i = 0; i < value->count; ++i) {
        result[i] = numberAt(*value, value->elementType, i);
        if (!(result[i] >= low && result[i] <= high))
            return bad(key, "at place " + std::to_string(i) + " " +
                                rangeText(shortNumber(result[i]), shortNumber(low), shortNumber(high)));
    }
    return result;
}

Result<std::vector<std::string_view>> GgufMetadata::strings(std::string_view key) const {
    BATHY_TRY(const auto* value, needArray(key));
    if (value->elementType != GgufValueType::String)
        return bad(key, "is an array of " + std::string(ggufValueName(value->elementType)) + ", not of strings");
    std::vector<std::string_view> result;
    result.reserve(value->count); // each takes eight bytes of the file at least
    ByteCursor cursor(value->bytes);
    for (std::uint64_t i = 0; i < value->count; ++i) {
        std::uint64_t length = 0;
        std::span<const std::byte> text;
        if (!cursor.read(length) || !cursor.take(length, text))
            return bad(key, "ends inside string " + std::to_string(i));
        result.emplace_back(reinterpret_cast<const char*>(text.data()), text.size());
    }
    return result;
}

Result<std::vector<std::int64_t>> GgufMetadata::integerPerLayer(std::string_view key, std::size_t count,
                                                                std::int64_t low, std::int64_t high) const {
    const auto* value = find(key);
    if (value && value->type != GgufValueType::Array) {
        BATHY_TRY(const auto one, integer(key, low, high));
        return std::vector<std::int64_t>(count, one);
    }
    BATHY_TRY(auto all, integers(key, low, high));
    if (all.size() < count)
        return bad(key, "has " + std::to_string(all.size()) + " entries for " + std::to_string(count) + " layers");
    all.resize(count);
    return all;
}

} // namespace bathy::checkpoint
