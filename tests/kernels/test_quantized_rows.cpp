#include "kernels/quantized_linear/quantized_rows.h"
#include "tests/kernels/quantized_support.h"

#include <functional>

namespace bathy::kernels {
namespace {

using test::Random;

constexpr auto k32 = QuantizedGroups::Groups32;
constexpr auto k256 = QuantizedGroups::Groups256;

struct Rounded {
    std::vector<int> q;
    std::vector<float> scales, sums;
};

Rounded roundRow(test::QuantizeActivations quantize, QuantizedGroups groups, const std::vector<float>& x) {
    const auto cols = static_cast<std::int64_t>(x.size());
    test::Guarded<std::uint32_t> bytes(quantizedRowBytes(groups, cols) / 4);
    quantize(groups, x.data(), cols, reinterpret_cast<std::byte*>(bytes.data()));
    EXPECT_TRUE(bytes.isIntact());
    const QuantizedRow row(groups, cols, reinterpret_cast<std::byte*>(bytes.data()));
    Rounded result;
    result.q.assign(row.values, row.values + cols);
    const auto size = groups == k32 ? 32 : 256;
    result.scales.assign(row.scales, row.scales + cols / size);
    if (groups == k32)
        result.sums.assign(row.sums, row.sums + cols / 32);
    else
        result.sums.assign(row.sums16, row.sums16 + cols / 16);
    return result;
}

void expectSame(const Rounded& a, const Rounded& b) {
    EXPECT_EQ(a.q, b.q);
    ASSERT_EQ(a.scales.size(), b.scales.size());
    ASSERT_EQ(a.sums.size(), b.sums.size());
    for (std::size_t i = 0; i < a.scales.size(); ++i)
        EXPECT_TRUE(a.scales[i] == b.scales[i] || (std::isnan(a.scales[i]) && std::isnan(b.scales[i]))) << i;
    for (std::size_t i = 0; i < a.sums.size(); ++i)
        EXPECT_TRUE(a.sums[i] == b.sums[i] || (std::isnan(a.sums[i]) && std::isnan(b.sums[i]))) << i;
}

TEST(QuantizeActivations, groupsOf32_scaleByTheLargest_roundTiesToEven) {
    std::vector<float> x(32, 0.0f);
    x[0] = -127.0f;
    x[1] = 0.5f;
    x[2] = 1.5f;
    x[3] = -2.5f;
    x[31] = 3.25f;
    for (const auto& variant : test::quantizerVariants()) {
        SCOPED_TRACE(variant.name);
        const auto row = roundRow(variant.run, k32, x);
        EXPECT_EQ(row.q[0], -127);
        EXPECT_EQ(row.q[1], 0);
        EXPECT_EQ(row.q[2], 2);
        EXPECT_EQ(row.q[3], -2);
        EXPECT_EQ(row.q[31], 3);
        EXPECT_EQ(row.scales[0], 1.0f);
        EXPECT_EQ(row.sums[0], -124.0f);
        x[0] = 100.0f; // 100 / 127 is no half float
        EXPECT_EQ(roundRow(variant.run, k32, x).scales[0], 0x1.934p-1f);
        x[0] = -127.0f;
    }
}

TEST(QuantizeActivations, groupsOf256_makeTheLargestMinus127_whateverItsSign) {
    for (const auto& variant : test::quantizerVariants()) {
        SCOPED_TRACE(variant.name);
        for (const float sign : {1.0f, -1.0f}) {
            std::vector<float> x(256, 0.0f);
            x[17] = sign * 2.0f;
            x[40] = -sign * 2.0f; // as large, but later
            x[255] = sign * 0.5f;
            const auto row = roundRow(variant.run, k256, x);
            EXPECT_EQ(row.q[17], -127);
            EXPECT_EQ(row.q[40], 127);
            EXPECT_EQ(row.q[255], -32); // -31.75
            EXPECT_EQ(row.scales[0], 1.0f / (-127.0f / (sign * 2.0f)));
            EXPECT_EQ(row.sums[1], -127.0f);
            EXPECT_EQ(row.sums[2], 127.0f);
            EXPECT_EQ(row.sums[15], -32.0f);
        }
    }
}

TEST(QuantizeActivations, everyLevel_sameAsTheReference) {
    SCOPED_TRACE(test::seedNote());
    const std::function<void(std::vector<float>&)> disturbances[] = {
        [](auto&) {},
        [](auto& x) { std::fill(x.begin(), x.begin() + 300, 0.0f); },
        [](auto& x) { std::fill(x.begin(), x.begin() + 256, -0.0f); },
        [](auto& x) { std::fill(x.begin(), x.begin() + 256, 1e-44f); },
        [](auto& x) { x[5] = std::nanf(""); },
        [](auto& x) { x[300] = -std::numeric_limits<float>::infinity(); },
        [](auto& x) { x[7] = 3e38f; },
        [](auto& x) { x[9] = -9e6f; }, // its step does not fit F16
        [](auto& x) {
            for (auto& v : x)
                v *= 1e-5f;
        }};
    for (const auto groups : {k32, k256})
        for (std::size_t i = 0; i < std::size(disturbances); ++i)
            for (const std::int64_t cols : {512, 768}) {
                auto x = Random(10 * i + static_cast<std::uint64_t>(cols)).normals(cols);
                disturbances[i](x);
                const auto expected = roundRow(quantizeActivationsReference, groups, x);
                for (const auto& variant : test::quantizerVariants()) {
                    SCOPED_TRACE(std::string(variant.name) + ", disturbance " + std::to_string(i));
                    expectSame(roundRow(variant.run, groups, x), expected);
                }
            }
}

TEST(QuantizeActivations, valueThatIsNotFinite_makesItsGroupNan_andNoOther) {
    std::vector<float> x(512, 1.0f);
    x[300] = std::nanf("");
    for (const auto& variant : test::quantizerVariants()) {
        const auto small = roundRow(variant.run, k32, x);
        const auto large = roundRow(variant.run, k256, x);
        for (std::size_t g = 0; g < 16; ++g)
            EXPECT_EQ(std::isnan(small.scales[g]), g == 9) << variant.name;
        EXPECT_FALSE(std::isnan(large.scales[0])) << variant.name;
        EXPECT_TRUE(std::isnan(large.scales[1])) << variant.name;
    }
}

} // namespace
} // namespace bathy::kernels
