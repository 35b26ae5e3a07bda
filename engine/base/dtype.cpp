#include "engine/base/dtype.h"

#include <array>

namespace bathy {
namespace {

struct DTypeRow {
    DType dtype;
    std::string_view name;
    int bits;
};

constexpr std::array<DTypeRow, 16> kDTypes{{
    {DType::F32, "F32", 32},
    {DType::F16, "F16", 16},
    {DType::BF16, "BF16", 16},
    {DType::F64, "F64", 64},
    {DType::F8E4M3, "F8_E4M3", 8},
    {DType::F8E8M0, "F8_E8M0", 8},
    {DType::F4E2M1, "F4", 4},
    {DType::I8, "I8", 8},
    {DType::U8, "U8", 8},
    {DType::I16, "I16", 16},
    {DType::U16, "U16", 16},
    {DType::I32, "I32", 32},
    {DType::U32, "U32", 32},
    {DType::I64, "I64", 64},
    {DType::U64, "U64", 64},
    {DType::Bool, "BOOL", 8},
}};

} // namespace

int dtypeBits(DType dtype) {
    return kDTypes[static_cast<std::size_t>(dtype)].bits;
}

std::uint64_t dtypeBytes(DType dtype, std::uint64_t count) {
    const auto bits = static_cast<std::uint64_t>(dtypeBits(dtype));
    return bits >= 8 ? count * (bits / 8) : count / 2 + count % 2;
}

std::string_view dtypeName(DType dtype) {
    return kDTypes[static_cast<std::size_t>(dtype)].name;
}

std::optional<DType> dtypeFromName(std::string_view safetensorsName) {
    for (const auto& row : kDTypes)
        if (row.name == safetensorsName)
            return row.dtype;
    return std::nullopt;
}

} // namespace bathy
