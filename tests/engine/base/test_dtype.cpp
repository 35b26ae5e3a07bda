#include "engine/base/dtype.h"

#include <gtest/gtest.h>

namespace bathy {
namespace {

TEST(DType, names_roundTrip_butBlocksAreNoneOfSafetensors) {
    for (int i = 0; i < kDTypeCount; ++i) {
        const auto dtype = static_cast<DType>(i);
        const auto back = dtypeFromName(dtypeName(dtype));
        EXPECT_EQ(back.has_value(), !isBlockType(dtype)) << dtypeName(dtype);
        EXPECT_EQ(back.value_or(dtype), dtype);
    }
    EXPECT_FALSE(dtypeFromName("F8_E5M2"));
}

TEST(DType, bytes_roundUpToWholeBlocks) {
    EXPECT_EQ(dtypeBytes(DType::F4E2M1, 5), 3u);
    EXPECT_EQ(dtypeBytes(DType::F32, 5), 20u);
    EXPECT_EQ(dtypeBytes(DType::F8E4M3, 5), 5u);
    EXPECT_EQ(dtypeBytes(DType::Q4_K, 512), 288u);
    EXPECT_EQ(dtypeBytes(DType::Q8_0, 33), 68u);
}

// Bits per weight as the format's tables print them.
TEST(DType, blocks_haveThePublishedDensity) {
    const auto bits = [](DType dtype) { return 8.0 * dtypeBlock(dtype).bytes / dtypeBlock(dtype).elements; };
    EXPECT_EQ(bits(DType::Q4_0), 4.5);
    EXPECT_EQ(bits(DType::Q4_1), 5.0);
    EXPECT_EQ(bits(DType::Q5_0), 5.5);
    EXPECT_EQ(bits(DType::Q5_1), 6.0);
    EXPECT_EQ(bits(DType::Q8_0), 8.5);
    EXPECT_EQ(bits(DType::Q2_K), 2.625);
    EXPECT_EQ(bits(DType::Q3_K), 3.4375);
    EXPECT_EQ(bits(DType::Q4_K), 4.5);
    EXPECT_EQ(bits(DType::Q5_K), 5.5);
    EXPECT_EQ(bits(DType::Q6_K), 6.5625);
    EXPECT_EQ(bits(DType::IQ2_XXS), 2.0625);
    EXPECT_EQ(bits(DType::IQ4_NL), 4.5);
    EXPECT_EQ(bits(DType::IQ4_XS), 4.25);
    EXPECT_EQ(bits(DType::MXFP4), 4.25);
    EXPECT_EQ(bits(DType::NVFP4), 4.5);
    EXPECT_EQ(bits(DType::F4E2M1), 4.0);
}

} // namespace
} // namespace bathy
