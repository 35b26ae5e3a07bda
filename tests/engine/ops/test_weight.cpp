#include "engine/ops/weight.h"

#include <gtest/gtest.h>

#include <vector>

namespace bathy::ops {
namespace {

WeightParts f8Parts(std::span<const std::byte> data, std::span<const std::byte> scale) {
    WeightParts parts;
    parts.dtype = DType::F8E4M3;
    parts.rows = 130;
    parts.cols = 200;
    parts.data = data;
    parts.scale = scale;
    return parts;
}

TEST(MakeWeight, raggedF8Blocks_needCeilManyScales) {
    const std::vector<std::byte> data(130 * 200);
    const std::vector<std::byte> scale(4);
    const auto weight = makeWeight("layers.0.attn.wq_a.weight", f8Parts(data, scale));
    ASSERT_TRUE(weight.has_value());
    EXPECT_EQ(weight->scaleCols(), 2);
    EXPECT_EQ(weightBytes(*weight), 130 * 200 + 4);
}

TEST(MakeWeight, wrongByteCounts_areBadFile_andNameTheTensor) {
    const std::vector<std::byte> data(130 * 200);
    const std::vector<std::byte> scale(3);
    const auto missingScale = makeWeight("layers.0.attn.wq_a.weight", f8Parts(data, scale));
    ASSERT_FALSE(missingScale.has_value());
    EXPECT_EQ(missingScale.error().code(), ErrorCode::BadFile);
    EXPECT_EQ(missingScale.error().what(),
              "layers.0.attn.wq_a.weight: 3 bytes of block scales where its shape needs 4");
    const auto shortData = makeWeight("w", f8Parts(std::span(data).first(100), scale));
    ASSERT_FALSE(shortData.has_value());
    EXPECT_EQ(shortData.error().what(), "w: 100 bytes of data where its shape and type need 26000");
}

TEST(MakeWeight, hostileShapes_areRefusedWithoutOverflow) {
    const std::vector<std::byte> data(16);
    for (const auto& [rows, cols] : {std::pair<std::int64_t, std::int64_t>{0, 4},
                                     {4, 0},
                                     {-1, 4},
                                     {INT64_MAX, INT64_MAX},
                                     {std::int64_t{1} << 40, std::int64_t{1} << 40}}) {
        WeightParts parts;
        parts.rows = rows;
        parts.cols = cols;
        parts.data = data;
        const auto weight = makeWeight("w", parts);
        ASSERT_FALSE(weight.has_value());
        EXPECT_EQ(weight.error().code(), ErrorCode::BadFile);
    }
}

TEST(MakeWeight, blockTypes_needWholeBlocks_andTakeOneScale) {
    const std::vector<std::byte> data(2 * 2 * 144);
    const std::vector<std::byte> scale(4);
    WeightParts parts;
    parts.dtype = DType::Q4_K;
    parts.rows = 2;
    parts.cols = 512;
    parts.data = data;
    const auto weight = makeWeight("w", parts);
    ASSERT_TRUE(weight.has_value());
    EXPECT_EQ(weight->rowBytes, 288);
    EXPECT_EQ(weightBytes(*weight), 576);
    parts.scale = scale;
    parts.scaleDtype = DType::F32;
    EXPECT_EQ(weightBytes(makeWeight("w", parts).value()), 580);
    parts.cols = 500;
    EXPECT_EQ(makeWeight("w", parts).error().what(), "w: 500 inputs are no whole Q4_K blocks");
}

TEST(MakeWeight, otherTypes_areUnsupported) {
    const std::vector<std::byte> data(16);
    WeightParts parts;
    parts.dtype = DType::I32;
    parts.rows = 2;
    parts.cols = 2;
    parts.data = data;
    const auto weight = makeWeight("w", parts);
    ASSERT_FALSE(weight.has_value());
    EXPECT_EQ(weight.error().code(), ErrorCode::Unsupported);
}

TEST(MakeWeight, oddFourBitWidth_orScalesWhereNoneBelong_areBadFile) {
    const std::vector<std::byte> data(8);
    WeightParts parts;
    parts.dtype = DType::F4E2M1;
    parts.rows = 2;
    parts.cols = 7;
    parts.data = data;
    EXPECT_FALSE(makeWeight("w", parts).has_value());
    parts.dtype = DType::BF16;
    parts.cols = 2;
    parts.scale = std::span(data).first(1);
    EXPECT_FALSE(makeWeight("w", parts).has_value());
}

} // namespace
} // namespace bathy::ops
