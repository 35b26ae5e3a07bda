// The header of one GGUF file (version 2 or 3, little-endian), parsed and checked: magic, counts, metadata, tensor
// infos, padding, data. Every count, length and offset is compared with the bytes that are left before it is used.
// Pure function of the bytes. Format: spec of the formats, sections 12 and 19.2.
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/gguf_metadata.h"
#include "engine/checkpoint/tensor_directory.h"

#include <cstddef>
#include <span>
#include <string_view>

namespace bathy::checkpoint {

inline constexpr std::uint64_t kMaxGgufKeys = 65'536;
inline constexpr std::uint64_t kMaxGgufKeyBytes = 65'535;              // the limit of the format
inline constexpr std::uint64_t kMaxGgufStringBytes = 16 << 20;         // of one value or element
inline constexpr std::uint64_t kMaxGgufArray = std::uint64_t{1} << 30; // elements
inline constexpr std::uint64_t kMaxGgufNameBytes = 63;                 // of a tensor; ggml keeps 64 with the end mark
inline constexpr std::uint64_t kMaxGgufDimension = std::uint64_t{1} << 31;

struct GgufHeader {
    GgufMetadata metadata;
    TensorDirectory directory; // shapes row-major: the reverse of the file's order
};

// `file` is the whole file, `fileName` how messages call it. Reads nothing past the header.
// Errors: BadFile, Unsupported for a version or an element type that cannot be read here (named).
Result<GgufHeader> parseGgufHeader(std::span<const std::byte> file, std::string_view fileName);

} // namespace bathy::checkpoint
