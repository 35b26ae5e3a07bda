// The header of one safetensors file, parsed and checked: u64 N (little-endian), N bytes of JSON, data to the end of
// the file. Every rule is checked before the result is returned: names once each, known dtypes, shapes whose size is
// exact, ranges that fill the data without gap or overlap. Pure function of the bytes.
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/tensor_directory.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace bathy::checkpoint {

inline constexpr std::uint64_t kMaxHeaderBytes = 100'000'000; // the limit of the reference reader

// `file` is the whole file, `fileName` how messages call it. Reads nothing past the header.
// Errors: BadFile, Unsupported for an element type that is legal but not used here.
Result<TensorDirectory> parseSafetensorsHeader(std::span<const std::byte> file, std::string_view fileName);

} // namespace bathy::checkpoint
