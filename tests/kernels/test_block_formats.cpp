#include "kernels/common/block_formats.h"

#include "engine/base/text_file.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace bathy::kernels {
namespace {

const std::filesystem::path kVectors = std::filesystem::path(BATHY_SOURCE_DIR) / "tests" / "golden" / "quant";

struct Format {
    DType dtype;
    const char* file;
    double sumOfPattern; // spec of the formats, section 20.1
};

constexpr Format kFormats[] = {
    {DType::Q4_0, "q4_0", -21},        {DType::Q4_1, "q4_1", 261},          {DType::Q5_0, "q5_0", 15},
    {DType::Q5_1, "q5_1", 521},        {DType::Q8_0, "q8_0", -176},         {DType::Q2_K, "q2_K", 2059},
    {DType::Q3_K, "q3_K", 958},        {DType::Q4_K, "q4_K", 54440},        {DType::Q5_K, "q5_K", 116216},
    {DType::Q6_K, "q6_K", 4612},       {DType::IQ2_XXS, "iq2_xxs", 763.75}, {DType::IQ4_NL, "iq4_nl", -257},
    {DType::IQ4_XS, "iq4_xs", -11005}, {DType::MXFP4, "mxfp4", 12.5},       {DType::NVFP4, "nvfp4", 2467.966797},
};

bool agrees(float value, float expected) {
    if (std::isnan(expected))
        return std::isnan(value);
    if (std::isinf(expected))
        return value == expected;
    return std::fabs(value - expected) <= 2e-6f * std::fabs(expected);
}

class BlockFormats : public testing::TestWithParam<Format> {};

TEST_P(BlockFormats, publishedDecoder_givesTheSameValues) {
    const auto [dtype, name, sum] = GetParam();
    const auto file = readTextFile(kVectors / ("vec_" + std::string(name) + ".bin"), 1 << 20).value();
    std::int32_t head[4];
    std::memcpy(head, file.data(), sizeof head);
    ASSERT_EQ(head[0], dtypeBlock(dtype).elements);
    ASSERT_EQ(head[1], dtypeBlock(dtype).bytes);
    const std::int64_t count = std::int64_t{head[2]} * head[0];
    const auto blockBytes = static_cast<std::size_t>(head[2]) * static_cast<std::size_t>(head[1]);
    ASSERT_EQ(file.size(), sizeof head + blockBytes + 4 * static_cast<std::size_t>(count));
    ASSERT_GE(head[2], 64);
    std::vector<float> expected(static_cast<std::size_t>(count));
    std::memcpy(expected.data(), file.data() + sizeof head + blockBytes, 4 * expected.size());
    std::vector<float> values(expected.size());
    decodeBlocks(dtype, reinterpret_cast<const std::byte*>(file.data() + sizeof head), 0, count, values.data());
    for (std::size_t i = 0; i < values.size(); ++i)
        ASSERT_TRUE(agrees(values[i], expected[i])) << i << ": " << values[i] << " and not " << expected[i];
}

// Byte i of a block is 37 i + 11, its scales are 1 and 1/2.
std::vector<std::byte> patternBlock(DType dtype) {
    std::vector<std::byte> block(static_cast<std::size_t>(dtypeBlock(dtype).bytes));
    for (std::size_t i = 0; i < block.size(); ++i)
        block[i] = static_cast<std::byte>((37 * i + 11) % 256);
    const auto put = [&](std::size_t at, std::uint16_t bits) { std::memcpy(block.data() + at, &bits, 2); };
    constexpr std::uint16_t kOne = 0x3c00;
    constexpr std::uint16_t kHalf = 0x3800;
    constexpr std::uint8_t kNvScales[4] = {0x38, 0x40, 0x01, 0x7e};
    switch (dtype) {
    case DType::Q2_K:
        put(80, kOne);
        put(82, kHalf);
        break;
    case DType::Q3_K:
        put(108, kOne);
        break;
    case DType::Q6_K:
        put(208, kOne);
        break;
    case DType::MXFP4:
        block[0] = std::byte{127};
        break;
    case DType::NVFP4:
        std::memcpy(block.data(), kNvScales, 4);
        break;
    default:
        put(0, kOne);
        if (dtype == DType::Q4_1 || dtype == DType::Q5_1 || dtype == DType::Q4_K || dtype == DType::Q5_K)
            put(2, kHalf);
    }
    return block;
}

TEST_P(BlockFormats, patternBlock_hasThePublishedSum) {
    const auto [dtype, name, sum] = GetParam();
    float values[256];
    decodeBlock(dtype, patternBlock(dtype).data(), values);
    double total = 0;
    for (int i = 0; i < dtypeBlock(dtype).elements; ++i)
        total += static_cast<double>(values[i]);
    EXPECT_NEAR(total, sum, 1e-6);
}

TEST_P(BlockFormats, rangeThatCutsBlocks_givesTheSameValues) {
    const auto dtype = GetParam().dtype;
    const auto block = patternBlock(dtype);
    std::vector<std::byte> row;
    for (int i = 0; i < 3; ++i)
        row.insert(row.end(), block.begin(), block.end());
    const std::int64_t count = 3 * dtypeBlock(dtype).elements;
    std::vector<float> whole(static_cast<std::size_t>(count));
    decodeBlocks(dtype, row.data(), 0, count, whole.data());
    for (const auto& [begin, end] :
         {std::pair<std::int64_t, std::int64_t>{5, 9}, {31, count - 1}, {count - 3, count}}) {
        std::vector<float> part(static_cast<std::size_t>(end - begin));
        decodeBlocks(dtype, row.data(), begin, end, part.data());
        EXPECT_EQ(std::memcmp(part.data(), whole.data() + begin, 4 * part.size()), 0) << begin << ".." << end;
    }
}

INSTANTIATE_TEST_SUITE_P(All, BlockFormats, testing::ValuesIn(kFormats),
                         [](const auto& one) { return std::string(one.param.file); });

TEST(BlockFormats, specialScales_areZeroAndNan) {
    EXPECT_EQ(ue4m3ToFloat(0x00), 0.0f);
    EXPECT_EQ(ue4m3ToFloat(0x7f), 0.0f);
    EXPECT_EQ(ue4m3ToFloat(0xb8), 1.0f);
    EXPECT_EQ(ue4m3ToFloat(0x7e), 448.0f);
    EXPECT_EQ(ue4m3ToFloat(0xff), 480.0f);
    auto block = patternBlock(DType::MXFP4);
    float values[32];
    block[0] = std::byte{255};
    decodeBlock(DType::MXFP4, block.data(), values);
    EXPECT_TRUE(std::isnan(values[0]));
    block[0] = std::byte{0};
    block[1] = std::byte{0x77};
    decodeBlock(DType::MXFP4, block.data(), values);
    EXPECT_EQ(values[0], 6 * 0x1p-127f);
}

} // namespace
} // namespace bathy::kernels
