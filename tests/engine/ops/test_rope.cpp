#include "engine/ops/rope.h"
#include "tests/engine/ops/ops_fixture.h"

namespace bathy::ops {
namespace {

using test::OpsFixture;
using test::Random;

// Check values of spec 2.3.
TEST(RopeFrequencies, yarn_givesTheValuesOfTheSpecification) {
    const auto f = yarnRopeFrequencies(160000, 64, {16, 65536, 32, 1});
    ASSERT_EQ(f.size(), 32u);
    const std::pair<std::size_t, double> expected[] = {{0, 1},
                                                       {1, 0.687656022},
                                                       {8, 0.05},
                                                       {15, 0.00363553858},
                                                       {16, 0.002265625},
                                                       {17, 0.00139680129},
                                                       {20, 0.000296977778},
                                                       {24, 1.953125e-5},
                                                       {25, 5.37231267e-6},
                                                       {31, 5.68052904e-7}};
    for (const auto& [i, value] : expected)
        EXPECT_NEAR(f[i], value, 3e-7 * value) << i;
}

TEST(RopeFrequencies, yarn_rampOfTheTinyModel_startsAt0AndEndsAt3) { // spec 9.1
    const auto f = yarnRopeFrequencies(160000, 16, {16, 512, 32, 1});
    const auto plain = plainRopeFrequencies(160000, 16);
    EXPECT_EQ(f[0], plain[0]);
    EXPECT_NEAR(f[1] / plain[1], 2.0 / 3 + 1.0 / 3 / 16, 1e-6);
    for (std::size_t i = 3; i < 8; ++i)
        EXPECT_NEAR(f[i] / plain[i], 1.0 / 16, 1e-8);
}

TEST(RopeFrequencies, plain_isPowersOfTheBase) {
    const auto f = plainRopeFrequencies(10000, 64);
    for (int i = 0; i < 32; ++i)
        EXPECT_NEAR(f[static_cast<std::size_t>(i)], std::pow(10000.0, -2.0 * i / 64), 1e-7);
}

// Values of PyTorch: angle = float32(p) * float32 frequency, as DeepSeek's inference code and transformers have it. The
// exact cosines differ in the third digit: 0.0995 for the second row at 1,048,575, for example.
TEST(Rope, farOut_hasTheRoundedAnglesOfThePublishedCode) {
    OpsFixture fixture;
    const auto f = plainRopeFrequencies(10000, 64);
    const std::vector<std::int64_t> positions{20'000, 1'048'575};
    std::vector<float> angles(positions.size() * 64);
    ropeAngles(fixture.context, f, positions, angles.data());
    struct Value {
        std::size_t pair;
        float cosine, sine;
    };
    const Value near[] = {{0, 0.8131996989250183F, 0.5819847583770752F},
                          {1, 0.9968384504318237F, -0.07945533096790314F},
                          {5, 0.49075818061828613F, -0.8712958097457886F},
                          {17, 0.6839768886566162F, -0.7295036911964417F},
                          {31, -0.8894985914230347F, 0.4569379389286041F}};
    const Value far[] = {{0, 0.7880422472953796F, -0.6156211495399475F},
                         {1, 0.09153043478727341F, -0.9958022832870483F},
                         {5, 0.7343881130218506F, -0.678729772567749F},
                         {17, -0.9795067310333252F, 0.2014114111661911F},
                         {31, -0.02885008417069912F, 0.9995837211608887F}};
    for (std::size_t t = 0; t < 2; ++t)
        for (const auto& [pair, cosine, sine] : t == 0 ? near : far) {
            EXPECT_NEAR(angles[t * 64 + 2 * pair], cosine, 1e-7) << positions[t] << ", " << pair;
            EXPECT_NEAR(angles[t * 64 + 2 * pair + 1], sine, 1e-7) << positions[t] << ", " << pair;
        }
}

TEST(Rope, rotatesInterleavedPairsOfTheLastChannels_andInverseUndoesIt) {
    OpsFixture fixture;
    constexpr std::int64_t kHeads = 3;
    constexpr std::int64_t kDim = 24;
    constexpr std::int64_t kRope = 8;
    const std::vector<std::int64_t> positions{0, 5, 1000};
    const auto f = plainRopeFrequencies(100, kRope);
    std::vector<float> angles(positions.size() * kRope);
    ropeAngles(fixture.context, f, positions, angles.data());
    const auto x = Random(1).normals(3 * kHeads * kDim);
    auto y = x;
    const RopeShape shape{3, kHeads, kDim, kRope};
    applyRope(fixture.context, shape, angles.data(), RopeDirection::Forward, y.data());
    for (std::size_t t = 0; t < 3; ++t)
        for (std::size_t h = 0; h < kHeads; ++h)
            for (std::size_t c = 0; c < kDim; ++c) {
                const auto i = (t * kHeads + h) * kDim + c;
                if (c < kDim - kRope) {
                    EXPECT_EQ(y[i], x[i]);
                    continue;
                }
                const auto pair = (c - (kDim - kRope)) / 2;
                const float angle = static_cast<float>(positions[t]) * f[pair];
                const bool first = (c - (kDim - kRope)) % 2 == 0;
                const double expected = first ? x[i] * std::cos(angle) - x[i + 1] * std::sin(angle)
                                              : x[i - 1] * std::sin(angle) + x[i] * std::cos(angle);
                EXPECT_NEAR(y[i], expected, 1e-6);
            }
    applyRope(fixture.context, shape, angles.data(), RopeDirection::Inverse, y.data());
    for (std::size_t i = 0; i < x.size(); ++i)
        EXPECT_NEAR(y[i], x[i], 1e-5);
}

TEST(Rope, halfSplitOfTheFirstChannels_isInterleavedOfTheSamePairs) {
    OpsFixture fixture;
    constexpr std::size_t kDim = 12;
    constexpr std::size_t kRope = 8;
    const std::vector<std::int64_t> positions{3, 70};
    const auto f = plainRopeFrequencies(100, kRope);
    std::vector<float> angles(positions.size() * kRope);
    ropeAngles(fixture.context, f, positions, angles.data());
    const auto halves = Random(1).normals(2 * kDim);
    auto pairs = halves; // the same pairs side by side
    for (std::size_t t = 0; t < 2; ++t)
        for (std::size_t i = 0; i < kRope / 2; ++i) {
            pairs[t * kDim + 2 * i] = halves[t * kDim + i];
            pairs[t * kDim + 2 * i + 1] = halves[t * kDim + i + kRope / 2];
        }
    auto y = halves;
    RopeShape shape{2, 1, kDim, kRope, RopePairing::HalfSplit, RopePlace::First};
    applyRope(fixture.context, shape, angles.data(), RopeDirection::Forward, y.data());
    shape.pairing = RopePairing::Interleaved;
    applyRope(fixture.context, shape, angles.data(), RopeDirection::Forward, pairs.data());
    for (std::size_t t = 0; t < 2; ++t) {
        for (std::size_t i = 0; i < kRope / 2; ++i) {
            EXPECT_EQ(y[t * kDim + i], pairs[t * kDim + 2 * i]);
            EXPECT_EQ(y[t * kDim + i + kRope / 2], pairs[t * kDim + 2 * i + 1]);
        }
        for (auto i = kRope; i < kDim; ++i)
            EXPECT_EQ(y[t * kDim + i], halves[t * kDim + i]);
    }
}

} // namespace
} // namespace bathy::ops
