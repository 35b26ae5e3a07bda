#include "engine/base/dtype.h"

#include <array>

namespace bathy {
namespace {

struct DTypeRow {
    DType dtype;
    std::string_view name;
    DTypeBlock block;
};

constexpr std::array<DTypeRow, kDTypeCount> kDTypes{{
    {DType::F32, "F32", {1, 4}},
    {DType::F16, "F16", {1, 2}},
    {DType::BF16, "BF16", {1, 2}},
    {DType::F64, "F64", {1, 8}},
    {DType::F8E4M3, "F8_E4M3", {1, 1}},
    {DType::F8E8M0, "F8_E8M0", {1, 1}},
    {DType::F4E2M1, "F4", {2, 1}},
    {DType::I8, "I8", {1, 1}},
    {DType::U8, "U8", {1, 1}},
    {DType::I16, "I16", {1, 2}},
    {DType::U16, "U16", {1, 2}},
    {DType::I32, "I32", {1, 4}},
    {DType::U32, "U32", {1, 4}},
    {DType::I64, "I64", {1, 8}},
    {DType::U64, "U64", {1, 8}},
    {DType::Bool, "BOOL", {1, 1}},
    {DType::Q4_0, "Q4_0", {32, 18}},
    {DType::Q4_1, "Q4_1", {32, 20}},
    {DType::Q5_0, "Q5_0", {32, 22}},
    {DType::Q5_1, "Q5_1", {32, 24}},
    {DType::Q8_0, "Q8_0", {32, 34}},
    {DType::Q2_K, "Q2_K", {256, 84}},
    {DType::Q3_K, "Q3_K", {256, 110}},
    {DType::Q4_K, "Q4_K", {256, 144}},
    {DType::Q5_K, "Q5_K", {256, 176}},
    {DType::Q6_K, "Q6_K", {256, 210}},
    {DType::IQ2_XXS, "IQ2_XXS", {256, 66}},
    {DType::IQ4_NL, "IQ4_NL", {32, 18}},
    {DType::IQ4_XS, "IQ4_XS", {256, 136}},
    {DType::MXFP4, "MXFP4", {32, 17}},
    {DType::NVFP4, "NVFP4", {64, 36}},
}};

const DTypeRow& row(DType dtype) {
    return kDTypes[static_cast<std::size_t>(dtype)];
}

} // namespace

DTypeBlock dtypeBlock(DType dtype) {
    return row(dtype).block;
}

bool isBlockType(DType dtype) {
    return dtype >= DType::Q4_0;
}

std::uint64_t dtypeBytes(DType dtype, std::uint64_t count) {
    const auto elements = static_cast<std::uint64_t>(row(dtype).block.elements);
    return (count / elements + (count % elements != 0)) * static_cast<std::uint64_t>(row(dtype).block.bytes);
}

std::string_view dtypeName(DType dtype) {
    return row(dtype).name;
}

std::optional<DType> dtypeFromName(std::string_view safetensorsName) {
    for (const auto& entry : kDTypes)
        if (entry.name == safetensorsName && !isBlockType(entry.dtype))
            return entry.dtype;
    return std::nullopt;
}

} // namespace bathy
