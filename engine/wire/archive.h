// Two archives that share one list of fields per message (messages.h): one fills a JSON value that becomes CBOR, the
// other reads one that came from outside and believes nothing. Long lists of numbers and token bytes travel packed.
#pragma once

#include "engine/base/result.h"
#include "engine/wire/byte_stream.h"

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace bathy::wire {

using Json = nlohmann::json;

// The last enumerator of an enum with names; ids, which are enums without names, have none and take any value.
template <class E>
inline constexpr std::optional<std::underlying_type_t<E>> kLastValue = std::nullopt;

template <class T>
inline constexpr bool kIsPackedNumber = std::same_as<T, float> || std::same_as<T, std::int64_t> ||
                                        (std::is_enum_v<T> && sizeof(T) == 4);

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

// Marks strings that are bytes rather than text and come in thousands: lengths and bytes in one byte string.
template <class V>
struct Packed {
    V& strings;
};
template <class V>
Packed(V&) -> Packed<V>;

// One byte string as it is.
struct Blob {
    std::vector<std::uint8_t> bytes;
};

class WriteArchive {
public:
    template <class T>
    void operator()(const char* key, const T& value) {
        m_object[key] = toJson(value);
    }
    template <class V>
    void operator()(const char* key, const Packed<V>& packed) {
        ByteWriter out;
        for (const auto& text : packed.strings) {
            out.varint(text.size());
            out.bytes(text);
        }
        m_object[key] = Json::binary(out.take());
    }
    Json take() { return std::move(m_object); }

    template <class T>
    static Json toJson(const T& value) {
        if constexpr (std::is_enum_v<T>) {
            return Json(static_cast<std::underlying_type_t<T>>(value));
        } else if constexpr (std::is_arithmetic_v<T> || std::same_as<T, std::string>) {
            return Json(value);
        } else if constexpr (std::same_as<T, Blob>) {
            return Json::binary(value.bytes);
        } else if constexpr (IsVector<T>::value) {
            using Item = typename T::value_type;
            if constexpr (kIsPackedNumber<Item>) {
                return packNumbers(value);
            } else {
                auto list = Json::array();
                for (const auto& item : value)
                    list.push_back(toJson(item));
                return list;
            }
        } else {
            WriteArchive inner;
            fields(inner, value);
            return inner.take();
        }
    }

private:
    template <class Item>
    static Json packNumbers(const std::vector<Item>& values) {
        ByteWriter out(values.size() * sizeof(Item));
        for (const auto value : values) {
            if constexpr (std::same_as<Item, float>)
                out.f32(value);
            else if constexpr (sizeof(Item) == 4)
                out.u32(static_cast<std::uint32_t>(value));
            else
                out.u64(static_cast<std::uint64_t>(value));
        }
        return Json::binary(out.take());
    }

    Json m_object = Json::object();
};

class ReadArchive {
public:
    explicit ReadArchive(const Json& object, std::string path = {}) : m_object(object), m_path(std::move(path)) {
        if (!object.is_object())
            fail("is not a map");
    }

    template <class T>
    void operator()(const char* key, T& value) {
        if (const Json* json = find(key))
            fromJson(*json, value, key);
    }
    template <class V>
    void operator()(const char* key, Packed<V> packed) {
        const Json* json = find(key);
        if (json == nullptr)
            return;
        if (!json->is_binary())
            return failAt(key, "is not a byte string");
        ByteReader in(json->get_binary());
        while (in.ok() && !in.atEnd()) {
            if (packed.strings.size() == kMaxPackedStrings)
                return failAt(key, "holds too many strings");
            packed.strings.emplace_back(in.bytes(in.varint()));
        }
        if (!in.ok())
            failAt(key, "is cut off");
    }

    void failAt(const char* key, const char* what) { fail("." + std::string(key) + " " + what); }
    const std::optional<Error>& error() const { return m_error; }

private:
    static constexpr std::size_t kMaxPackedStrings = 1U << 21;

    void fail(const std::string& what) {
        if (!m_error)
            m_error = Error(ErrorCode::Protocol, "message field " + m_path + what);
    }
    const Json* find(const char* key) {
        if (m_error)
            return nullptr;
        const auto found = m_object.find(key);
        if (found == m_object.end()) {
            failAt(key, "is missing");
            return nullptr;
        }
        return &*found;
    }

    template <class T>
    void fromJson(const Json& json, T& value, const char* key) {
        if constexpr (std::is_enum_v<T>) {
            std::underlying_type_t<T> number{};
            fromJson(json, number, key);
            if (kLastValue<T> && number > *kLastValue<T>)
                return failAt(key, "has an unknown value");
            value = static_cast<T>(number);
        } else if constexpr (std::same_as<T, bool>) {
            if (!json.is_boolean())
                return failAt(key, "is not true or false");
            value = json.template get<bool>();
        } else if constexpr (std::integral<T>) {
            const bool fits = json.is_number_unsigned()
                                  ? std::in_range<T>(json.template get<std::uint64_t>())
                                  : json.is_number_integer() && std::in_range<T>(json.template get<std::int64_t>());
            if (!fits)
                return failAt(key, "is not a whole number in range");
            value = json.template get<T>();
        } else if constexpr (std::floating_point<T>) {
            if (!json.is_number())
                return failAt(key, "is not a number");
            const auto number = json.template get<double>();
            if (std::isfinite(number) && std::abs(number) > static_cast<double>(std::numeric_limits<T>::max()))
                return failAt(key, "is out of range");
            value = static_cast<T>(number);
        } else if constexpr (std::same_as<T, std::string>) {
            if (!json.is_string())
                return failAt(key, "is not text");
            value = json.template get_ref<const std::string&>();
        } else if constexpr (std::same_as<T, Blob>) {
            if (!json.is_binary())
                return failAt(key, "is not a byte string");
            value.bytes = json.get_binary();
        } else if constexpr (IsVector<T>::value) {
            if constexpr (kIsPackedNumber<typename T::value_type>)
                unpackNumbers(json, value, key);
            else
                readList(json, value, key);
        } else {
            ReadArchive inner(json, m_path + "." + key);
            fields(inner, value);
            if (inner.error() && !m_error)
                m_error = inner.error();
        }
    }

    template <class Item>
    void readList(const Json& json, std::vector<Item>& values, const char* key) {
        if (!json.is_array())
            return failAt(key, "is not a list");
        for (const auto& item : json) {
            if (m_error)
                return;
            fromJson(item, values.emplace_back(), key);
        }
    }

    template <class Item>
    void unpackNumbers(const Json& json, std::vector<Item>& values, const char* key) {
        if (!json.is_binary() || json.get_binary().size() % sizeof(Item) != 0)
            return failAt(key, "is not a packed list of numbers");
        ByteReader in(json.get_binary());
        values.reserve(json.get_binary().size() / sizeof(Item));
        while (!in.atEnd()) {
            if constexpr (std::same_as<Item, float>)
                values.push_back(in.f32());
            else if constexpr (sizeof(Item) == 4)
                values.push_back(static_cast<Item>(in.u32()));
            else
                values.push_back(static_cast<Item>(in.u64()));
        }
    }

    const Json& m_object;
    std::string m_path;
    std::optional<Error> m_error;
};

} // namespace bathy::wire
