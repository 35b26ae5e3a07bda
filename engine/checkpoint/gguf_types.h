// Numbers that GGUF files use: element types of tensors and value types of metadata (format version 3).
#pragma once

#include "engine/base/dtype.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bathy::checkpoint {

enum class GgufValueType : std::uint32_t { U8, I8, U16, I16, U32, I32, F32, Bool, String, Array, U64, I64, F64 };
inline constexpr std::uint32_t kGgufValueTypes = 13;

// Bytes of a value, for arrays of an element; 0 for String and Array, which have no fixed size.
std::uint64_t ggufValueBytes(GgufValueType type);
// For messages: "u32", "string".
std::string_view ggufValueName(GgufValueType type);

struct GgufTensorType {
    std::uint32_t id = 0;
    std::string_view name;
    std::optional<DType> dtype; // nothing: known, but no decoder here
};

// Nothing for numbers that the format does not define (any more).
std::optional<GgufTensorType> ggufTensorType(std::uint32_t id);
// Nothing for types that GGUF cannot hold.
std::optional<std::uint32_t> ggufTypeOf(DType dtype);
// "F32, F16, BF16, ..." for messages.
std::string supportedGgufTypes();

} // namespace bathy::checkpoint
