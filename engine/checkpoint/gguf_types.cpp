#include "engine/checkpoint/gguf_types.h"

#include <array>

namespace bathy::checkpoint {
namespace {

constexpr std::array<GgufTensorType, 35> kTypes{{
    {0, "F32", DType::F32},        {1, "F16", DType::F16},          {30, "BF16", DType::BF16},
    {2, "Q4_0", DType::Q4_0},      {3, "Q4_1", DType::Q4_1},        {6, "Q5_0", DType::Q5_0},
    {7, "Q5_1", DType::Q5_1},      {8, "Q8_0", DType::Q8_0},        {10, "Q2_K", DType::Q2_K},
    {11, "Q3_K", DType::Q3_K},     {12, "Q4_K", DType::Q4_K},       {13, "Q5_K", DType::Q5_K},
    {14, "Q6_K", DType::Q6_K},     {16, "IQ2_XXS", DType::IQ2_XXS}, {20, "IQ4_NL", DType::IQ4_NL},
    {23, "IQ4_XS", DType::IQ4_XS}, {39, "MXFP4", DType::MXFP4},     {40, "NVFP4", DType::NVFP4},
    {24, "I8", DType::I8},         {25, "I16", DType::I16},         {26, "I32", DType::I32},
    {27, "I64", DType::I64},       {28, "F64", DType::F64},         {9, "Q8_1", std::nullopt},
    {15, "Q8_K", std::nullopt},    {17, "IQ2_XS", std::nullopt},    {18, "IQ3_XXS", std::nullopt},
    {19, "IQ1_S", std::nullopt},   {21, "IQ3_S", std::nullopt},     {22, "IQ2_S", std::nullopt},
    {29, "IQ1_M", std::nullopt},   {34, "TQ1_0", std::nullopt},     {35, "TQ2_0", std::nullopt},
    {41, "Q1_0", std::nullopt},    {42, "Q2_0", std::nullopt},
}};

} // namespace

std::uint64_t ggufValueBytes(GgufValueType type) {
    switch (type) {
    case GgufValueType::U8:
    case GgufValueType::I8:
    case GgufValueType::Bool:
        return 1;
    case GgufValueType::U16:
    case GgufValueType::I16:
        return 2;
    case GgufValueType::U32:
    case GgufValueType::I32:
    case GgufValueType::F32:
        return 4;
    case GgufValueType::U64:
    case GgufValueType::I64:
    case GgufValueType::F64:
        return 8;
    case GgufValueType::String:
    case GgufValueType::Array:
        break;
    }
    return 0;
}

std::string_view ggufValueName(GgufValueType type) {
    constexpr std::array<std::string_view, kGgufValueTypes> kNames{
        "u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool", "string", "array", "u64", "i64", "f64"};
    return kNames[static_cast<std::size_t>(type)];
}

std::optional<GgufTensorType> ggufTensorType(std::uint32_t id) {
    for (const auto& type : kTypes)
        if (type.id == id)
            return type;
    return std::nullopt;
}

std::optional<std::uint32_t> ggufTypeOf(DType dtype) {
    for (const auto& type : kTypes)
        if (type.dtype == dtype)
            return type.id;
    return std::nullopt;
}

std::string supportedGgufTypes() {
    std::string names;
    for (const auto& type : kTypes)
        if (type.dtype)
            names.append(names.empty() ? "" : ", ").append(type.name);
    return names;
}

} // namespace bathy::checkpoint
