// The typed key-value pairs of a GGUF file. Values stay in the mapped file and are read when asked for; where they lie
// was checked when the file was opened. Asking names the key in every refusal. Writers mix integer widths, so any
// integer type serves where a number fits its range; an f32 is read as the shortest decimal that rounds to it, which is
// what was written into the config it came from. Immutable after reading, any thread; views live as long as the
// file is mapped.
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/gguf_types.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bathy::checkpoint {

struct GgufValue {
    GgufValueType type{};
    GgufValueType elementType{};      // of an Array
    std::uint64_t count = 1;          // elements of an Array
    std::span<const std::byte> bytes; // as in the file; a string without its length, an array without type and count
};

class GgufMetadata {
public:
    // `fileName` is how messages call the file.
    explicit GgufMetadata(std::string fileName = {}) : m_fileName(std::move(fileName)) {}

    // False when the key is there already. `key` lives as long as the metadata.
    bool add(std::string_view key, const GgufValue& value);

    std::span<const std::pair<std::string_view, GgufValue>> entries() const { return m_entries; } // in file order
    bool has(std::string_view key) const { return find(key) != nullptr; }
    const GgufValue* find(std::string_view key) const; // nullptr when it is not there

    // Errors of all: BadFile when the key is missing (without fallback), of another type, outside the range.
    Result<std::int64_t> integer(std::string_view key, std::int64_t low, std::int64_t high,
                                 std::optional<std::int64_t> fallback = std::nullopt) const;
    Result<double> number(std::string_view key, double low, double high,
                          std::optional<double> fallback = std::nullopt) const;
    Result<bool> boolean(std::string_view key, std::optional<bool> fallback = std::nullopt) const;
    Result<std::string_view> string(std::string_view key, std::size_t mostBytes,
                                    std::optional<std::string_view> fallback = std::nullopt) const;

    // Whole arrays.
    Result<std::vector<std::int64_t>> integers(std::string_view key, std::int64_t low, std::int64_t high) const;
    Result<std::vector<double>> numbers(std::string_view key, double low, double high) const;
    Result<std::vector<std::string_view>> strings(std::string_view key) const;

    // One value for each of `count` layers: a single value stands for all, an array must not be shorter.
    Result<std::vector<std::int64_t>> integerPerLayer(std::string_view key, std::size_t count, std::int64_t low,
                                                      std::int64_t high) const;

    // "file.gguf: KEY what"
    Error bad(std::string_view key, const std::string& what) const;
    const std::string& fileName() const { return m_fileName; }

private:
    Result<const GgufValue*> need(std::string_view key, std::optional<GgufValueType> type) const;
    Result<const GgufValue*> needArray(std::string_view key) const;

    std::string m_fileName;
    std::vector<std::pair<std::string_view, GgufValue>> m_entries;
    std::unordered_map<std::string_view, std::size_t> m_byKey;
};

} // namespace bathy::checkpoint
