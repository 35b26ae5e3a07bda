#include "kernels/common/number_formats.h"
#include "kernels/packed_rows/packed_rows.h"
#include "kernels/quantize/quantize.h"
#include "tests/kernels/support.h"

namespace bathy::kernels {
namespace {

using test::Random;

TEST(NumberFormats, e4m3_everyCode_hasItsValue_andRoundTrips) {
    for (int code = 0; code < 256; ++code) {
        const auto byte = static_cast<std::uint8_t>(code);
        const float value = e4m3ToFloat(byte);
        if ((code & 0x7f) == 0x7f) {
            EXPECT_TRUE(std::isnan(value));
            continue;
        }
        const int exponent = (code >> 3) & 15;
        const double magnitude = exponent == 0 ? std::ldexp(code & 7, -9) : std::ldexp(8 + (code & 7), exponent - 10);
        EXPECT_EQ(value, (code & 0x80) != 0 ? -magnitude : magnitude) << code;
        EXPECT_EQ(floatToE4m3(value), byte) << code;
    }
    EXPECT_EQ(e4m3ToFloat(0x7e), 448.0f);
}

TEST(NumberFormats, e4m3_roundsToNearest_tiesToEven_saturates) {
    for (int code = 0; code < 0x7e; ++code) {
        const float low = e4m3ToFloat(static_cast<std::uint8_t>(code));
        const float high = e4m3ToFloat(static_cast<std::uint8_t>(code + 1));
        const float middle = 0.5f * (low + high);
        EXPECT_EQ(floatToE4m3(middle), code % 2 == 0 ? code : code + 1) << middle;
        EXPECT_EQ(floatToE4m3(std::nextafter(middle, 0.0f)), code);
        EXPECT_EQ(floatToE4m3(std::nextafter(middle, 1e9f)), code + 1);
    }
    EXPECT_EQ(floatToE4m3(1e30f), 0x7e);
    EXPECT_EQ(floatToE4m3(-std::numeric_limits<float>::infinity()), 0xfe);
    EXPECT_EQ(floatToE4m3(std::nanf("")) & 0x7f, 0x7f);
}

TEST(NumberFormats, e8m0_edges) {
    EXPECT_EQ(e8m0ToFloat(0), 0x1p-127f);
    EXPECT_EQ(e8m0ToFloat(127), 1.0f);
    EXPECT_EQ(e8m0ToFloat(254), 0x1p127f);
    EXPECT_TRUE(std::isnan(e8m0ToFloat(255)));
    for (int byte = 0; byte < 255; ++byte)
        EXPECT_EQ(powerOfTwoToE8m0(e8m0ToFloat(static_cast<std::uint8_t>(byte))), byte);
}

TEST(NumberFormats, e2m1_table_andTies) {
    const float table[8] = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
    for (int code = 0; code < 16; ++code) {
        const float value = e2m1ToFloat(static_cast<std::uint8_t>(code));
        EXPECT_EQ(value, code < 8 ? table[code] : -table[code - 8]);
        EXPECT_EQ(floatToE2m1(value), code);
    }
    const float ties[7][2] = {{.25f, 0}, {.75f, 1}, {1.25f, 1}, {1.75f, 2}, {2.5f, 2}, {3.5f, 4}, {5, 4}};
    for (const auto& [value, rounded] : ties) {
        EXPECT_EQ(e2m1ToFloat(floatToE2m1(value)), rounded) << value;
        EXPECT_EQ(e2m1ToFloat(floatToE2m1(-value)), -rounded) << value;
    }
    EXPECT_EQ(e2m1ToFloat(floatToE2m1(100.0f)), 6.0f);
}

TEST(NumberFormats, halves_agreeWithTheCompilersConversions) {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        _Float16 theirs;
        std::memcpy(&theirs, &half, 2);
        const float value = f16ToFloat(half);
        const auto wanted = static_cast<float>(theirs);
        EXPECT_TRUE(value == wanted || (std::isnan(value) && std::isnan(wanted))) << bits;
        const float wide = bf16ToFloat(half);
        EXPECT_TRUE(std::isnan(wide) || floatToBf16(wide) == half) << bits;
    }
    EXPECT_EQ(floatToBf16(std::bit_cast<float>(0x3f808000u)), 0x3f80); // ties to even
    EXPECT_EQ(floatToBf16(std::bit_cast<float>(0x3f818000u)), 0x3f82);
}

// Spec 4.5.
TEST(Fp8Grid, unitVectorOfTheSpecification) {
    std::vector<float> x(64);
    for (int i = 0; i < 64; ++i)
        x[static_cast<std::size_t>(i)] = roundToBf16(static_cast<float>((i - 31.5) * 0.37 + 0.013 * (i % 3)));
    EXPECT_EQ(x[0], -11.625f);
    EXPECT_EQ(x[3], -10.5625f);
    EXPECT_EQ(fp8BlockScale(x.data(), 64), 0x1p-5f);
    fp8GridRow(x.data(), 64, 64);
    const float first[8] = {-12, -11, -11, -11, -10, -10, -9, -9};
    for (std::size_t i = 0; i < 8; ++i)
        EXPECT_EQ(x[i], first[i]);
    const float middle[4] = {-.5625f, -.171875f, .21875f, .5625f};
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_EQ(x[30 + i], middle[i]);
    double sum = 0;
    for (const auto value : x)
        sum += value;
    EXPECT_EQ(sum, 1.484375);
}

// Spec 4.5.
TEST(HadamardAndFp4Grid, unitVectorOfTheSpecification) {
    std::vector<float> x(128);
    for (int j = 0; j < 128; ++j)
        x[static_cast<std::size_t>(j)] = roundToBf16(static_cast<float>((29 * j % 101 - 50) * 0.07));
    hadamardRow(x.data(), 128);
    for (auto& value : x)
        value = roundToBf16(value);
    const float first[8] = {-.9921875f, -.23339844f, -.47070312f, -1.25f, .31054688f, -.00344849f, 1.25f, .00198364f};
    for (std::size_t i = 0; i < 8; ++i)
        EXPECT_NEAR(x[i], first[i], 5e-9);
    const float later[4] = {-1.296875f, -.00543213f, -1.25f, .00017262f};
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_NEAR(x[64 + i], later[i], 5e-9);
    const float scales[4] = {1, 1, 2, 2};
    for (std::int64_t block = 0; block < 4; ++block)
        EXPECT_EQ(fp4BlockScale(x.data() + 32 * block, 32), scales[block]);
    fp4GridRow(x.data(), 128, 32);
    const float gridFirst[8] = {-1, 0, -.5f, -1, .5f, 0, 1, 0};
    for (std::size_t i = 0; i < 8; ++i)
        EXPECT_EQ(x[i], gridFirst[i]);
    const float gridLater[4] = {-1, 0, -1, 0};
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_EQ(x[64 + i], gridLater[i]);
    double sum = 0;
    double magnitude = 0;
    for (const auto value : x) {
        sum += value;
        magnitude += std::fabs(value);
    }
    EXPECT_EQ(sum, -37);
    EXPECT_EQ(magnitude, 152);
}

TEST(Hadamard, twice_givesTheInputBack) {
    SCOPED_TRACE(test::seedNote());
    for (const std::int64_t width : {1, 2, 32, 128}) {
        const auto x = Random(1).normals(width);
        auto y = x;
        hadamardRow(y.data(), width);
        hadamardRow(y.data(), width);
        for (std::size_t i = 0; i < x.size(); ++i)
            EXPECT_NEAR(y[i], x[i], 1e-5);
    }
}

TEST(PackedRows, sizesOfTheSpecification) {
    EXPECT_EQ(kvRowBytes({KvRowFormat::Packed, 512, 64}), 584);
    EXPECT_EQ(kvRowBytes({KvRowFormat::Bf16, 512, 64}), 1024);
    EXPECT_EQ(indexKeyBytes(IndexKeyFormat::Fp8, 128), 132);
    EXPECT_EQ(indexKeyBytes(IndexKeyFormat::Fp4, 128), 68);
}

TEST(PackedRows, gridValues_surviveBitForBit) {
    SCOPED_TRACE(test::seedNote());
    Random random(2);
    for (const auto& [dim, rope] : {std::pair<std::int64_t, std::int64_t>{512, 64}, {32, 16}, {96, 32}}) {
        for (int round = 0; round < 50; ++round) {
            auto values =
                random.normals(dim, static_cast<float>(std::ldexp(1.0, static_cast<int>(random.integer(-14, 9)))));
            fp8GridRow(values.data(), dim - rope, 64);
            for (auto c = dim - rope; c < dim; ++c)
                values[static_cast<std::size_t>(c)] = roundToBf16(values[static_cast<std::size_t>(c)]);
            for (const auto format : {KvRowFormat::F32, KvRowFormat::Bf16, KvRowFormat::Packed}) {
                const KvRowLayout layout{format, dim, rope};
                test::Guarded<std::byte> row(kvRowBytes(layout));
                packKvRow(layout, values.data(), row.data());
                EXPECT_TRUE(row.isIntact());
                std::vector<float> back(values.size(), std::nanf(""));
                unpackKvRow(layout, row.data(), back.data());
                ASSERT_EQ(back, values);
            }
        }
    }
    for (int round = 0; round < 50; ++round) {
        auto key = random.normals(128);
        fp4GridRow(key.data(), 128, 32);
        for (const auto format :
             {IndexKeyFormat::F32, IndexKeyFormat::Bf16, IndexKeyFormat::Fp8, IndexKeyFormat::Fp4}) {
            test::Guarded<std::byte> row(indexKeyBytes(format, 128));
            packIndexKey(format, 128, key.data(), row.data());
            EXPECT_TRUE(row.isIntact());
            std::vector<float> back(key.size(), std::nanf(""));
            unpackIndexKey(format, 128, row.data(), back.data());
            ASSERT_EQ(back, key);
        }
    }
}

TEST(PackedRows, evenChannelLiesInTheLowNibble) {
    std::vector<float> key(32, 0.0f);
    key[0] = 6.0f;
    key[1] = 1.0f;
    std::byte row[17];
    packIndexKey(IndexKeyFormat::Fp4, 32, key.data(), row);
    EXPECT_EQ(row[0], std::byte{0x27});
    EXPECT_EQ(row[16], std::byte{127});
}

} // namespace
} // namespace bathy::kernels
