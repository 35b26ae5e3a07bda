// The header of one safetensors file, parsed and checked: u64 N (little-endian), N bytes of JSON, data to the end of
// the file. Every rule is checked before the result is returned: names once each, known dtypes, shapes whose size is
// exact, ranges that fill the data without gap or overlap. Pure function of the bytes.
#pragma once

#include "engine/base/dtype.h"
#include "engine/base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::checkpoint {

inline constexpr std::uint64_t kMaxHeaderBytes = 100'000'000; // the limit of the reference reader
inline constexpr std::size_t kMaxTensors = 1'000'000;

struct HeaderTensor {
    std::string_view name; // lives as long as the header
    DType dtype{};
    std::uint8_t rank = 0;
    std::uint32_t shapeAt = 0; // first dimension in SafetensorsHeader::dims
    std::uint64_t begin = 0;   // bytes from the start of the data
    std::uint64_t end = 0;
};

struct SafetensorsHeader {
    std::uint64_t dataOffset = 0;      // 8 + N
    std::vector<HeaderTensor> tensors; // as listed in the file
    std::vector<std::int64_t> dims;
    std::unique_ptr<std::pmr::monotonic_buffer_resource> names;
};

// `file` is the whole file, `fileName` how messages call it. Reads nothing past the header.
// Errors: BadFile, Unsupported for an element type that is legal but not used here.
Result<SafetensorsHeader> parseSafetensorsHeader(std::span<const std::byte> file, std::string_view fileName);

// A name from outside, for a message: in quotes, printable, shortened.
std::string quotedName(std::string_view name);

} // namespace bathy::checkpoint
