// Norms, hyper-connections, pooling and SwiGLU: every variant against the reference over awkward widths.
#include "kernels/compressor/compressor.h"
#include "kernels/experts/swiglu.h"
#include "kernels/hyper_connection/hyper_connection.h"
#include "kernels/norm/norm.h"
#include "tests/kernels/variants.h"

#include <numeric>

namespace bathy::kernels {
namespace {

using test::Guarded;
using test::Random;

constexpr std::int64_t kWidths[] = {1, 2, 7, 8, 15, 16, 17, 33, 64, 100, 129, 512, 1000, 4096};

TEST(RmsNorm, everyVariant_agreesWithReference) {
    SCOPED_TRACE(test::seedNote());
    for (const auto width : kWidths) {
        const auto x = Random(1).normals(width, 3.0f);
        const auto weight = Random(2).normals(width);
        for (const auto* w : {weight.data(), static_cast<const float*>(nullptr)}) {
            std::vector<float> expected(static_cast<std::size_t>(width));
            rmsNormRowReference(x.data(), w, 1e-6f, width, expected.data());
            for (const auto& variant : BATHY_TEST_VARIANTS(rmsNormRow)) {
                Guarded<float> y(width);
                variant.run(x.data(), w, 1e-6f, width, y.data());
                ASSERT_TRUE(y.isIntact());
                for (std::int64_t c = 0; c < width; ++c)
                    ASSERT_NEAR(y[c], expected[static_cast<std::size_t>(c)],
                                8e-7 * std::fabs(expected[static_cast<std::size_t>(c)]) *
                                    (1 + static_cast<double>(width) / 256))
                        << variant.name << " width " << width;
            }
        }
    }
}

TEST(RmsNorm, zeroRow_staysZero) {
    const std::vector<float> x(40, 0.0f);
    for (const auto& variant : BATHY_TEST_VARIANTS(rmsNormRow)) {
        std::vector<float> y(40, 1.0f);
        variant.run(x.data(), nullptr, 1e-6f, 40, y.data());
        EXPECT_EQ(y, x) << variant.name;
    }
}

TEST(LayerNorm, takesMeanAndSpreadOut) {
    const std::vector<float> x{1, 2, 3, 6};
    const std::vector<float> weight{1, 2, 1, 1};
    const std::vector<float> bias{0, 10, 0, 0};
    std::vector<float> y(4);
    layerNormRow(x.data(), weight.data(), bias.data(), 0.0f, 4, y.data());
    const double deviation = std::sqrt(3.5);
    EXPECT_NEAR(y[0], -2 / deviation, 1e-6);
    EXPECT_NEAR(y[1], 10 - 2 / deviation, 1e-6);
    EXPECT_NEAR(y[3], 3 / deviation, 1e-6);
}

TEST(HyperConnection, mixAndPost_everyVariant_agreesWithReference) {
    SCOPED_TRACE(test::seedNote());
    for (const std::int64_t n : {1, 2, 4, 5, 16})
        for (const auto channels : kWidths) {
            const auto streams = Random(3).normals(n * channels);
            const auto y = Random(4).normals(channels);
            const auto post = Random(5).normals(n);
            const auto comb = Random(6).normals(n * n);
            std::vector<float> mixed(static_cast<std::size_t>(channels));
            mixStreamsReference(streams.data(), post.data(), n, channels, mixed.data());
            std::vector<float> expected(streams.size());
            hyperPostReference({y.data(), streams.data(), post.data(), comb.data(), n, channels, expected.data()});
            const double bound = 4e-6 * static_cast<double>(n + 1);
            for (const auto& variant : BATHY_TEST_VARIANTS(mixStreams)) {
                Guarded<float> out(channels);
                variant.run(streams.data(), post.data(), n, channels, out.data());
                ASSERT_TRUE(out.isIntact());
                for (std::int64_t c = 0; c < channels; ++c)
                    ASSERT_NEAR(out[c], mixed[static_cast<std::size_t>(c)], bound) << variant.name;
            }
            for (const auto& variant : BATHY_TEST_VARIANTS(hyperPost)) {
                Guarded<float> out(n * channels);
                std::memcpy(out.data(), streams.data(), streams.size() * 4); // in place, as the model uses it
                variant.run({y.data(), out.data(), post.data(), comb.data(), n, channels, out.data()});
                ASSERT_TRUE(out.isIntact());
                for (std::int64_t i = 0; i < n * channels; ++i)
                    ASSERT_NEAR(out[i], expected[static_cast<std::size_t>(i)], bound) << variant.name;
            }
        }
}

// The recipe of spec 2.2 steps 2 to 6 in double.
TEST(HyperConnection, coefficients_followTheRecipe_andEndOnColumns) {
    SCOPED_TRACE(test::seedNote());
    constexpr int n = 4;
    const auto m = Random(7).normals(24, 2.0f);
    const auto base = Random(8).normals(24);
    const float scale[3] = {0.7f, 1.3f, 1.1f};
    float pre[n];
    float post[n];
    float comb[n * n];
    hyperCoefficients({n, 20, 1e-6f}, m.data(), base.data(), scale, pre, post, comb);
    double c[n][n];
    for (int j = 0; j < n; ++j) {
        const double logit = static_cast<double>(m[j]) * scale[0] + base[j];
        EXPECT_NEAR(pre[j], 1 / (1 + std::exp(-logit)) + 1e-6, 1e-6);
        const double postLogit = static_cast<double>(m[n + j]) * scale[1] + base[n + j];
        EXPECT_NEAR(post[j], 2 / (1 + std::exp(-postLogit)), 1e-6);
        double sum = 0;
        for (int k = 0; k < n; ++k)
            sum += c[j][k] = std::exp(static_cast<double>(m[8 + 4 * j + k]) * scale[2] + base[8 + 4 * j + k]);
        for (int k = 0; k < n; ++k)
            c[j][k] = c[j][k] / sum + 1e-6;
    }
    for (int step = 0; step < 39; ++step) // columns, then 19 times rows and columns
        for (int a = 0; a < n; ++a) {
            double sum = 1e-6;
            for (int b = 0; b < n; ++b)
                sum += step % 2 == 0 ? c[b][a] : c[a][b];
            for (int b = 0; b < n; ++b)
                (step % 2 == 0 ? c[b][a] : c[a][b]) /= sum;
        }
    for (int j = 0; j < n; ++j)
        for (int k = 0; k < n; ++k)
            EXPECT_NEAR(comb[4 * j + k], c[j][k], 2e-6);
}

TEST(Pooling, everyVariant_agreesWithReference) {
    SCOPED_TRACE(test::seedNote());
    for (const PoolShape& shape : {PoolShape{4, 33, true}, PoolShape{4, 512, true}, PoolShape{128, 20, false},
                                   PoolShape{8, 7, false}, PoolShape{1, 16, false}}) {
        const auto width = shape.overlap ? 2 * shape.width : shape.width;
        const auto rows = shape.rowsPerEntry();
        const auto uData = Random(9).normals(rows * width);
        const auto zData = Random(10).normals(rows * width, 5.0f);
        for (const bool firstWindow : {false, true}) {
            std::vector<const float*> u;
            std::vector<const float*> z;
            for (std::int64_t r = 0; r < rows; ++r) {
                const bool missing = firstWindow && shape.overlap && r < shape.ratio;
                u.push_back(missing ? nullptr : uData.data() + r * width);
                z.push_back(missing ? nullptr : zData.data() + r * width);
            }
            std::vector<float> expected(static_cast<std::size_t>(shape.width));
            poolEntryReference(shape, u.data(), z.data(), expected.data());
            for (const auto& variant : BATHY_TEST_VARIANTS(poolEntry)) {
                Guarded<float> out(shape.width);
                variant.run(shape, u.data(), z.data(), out.data());
                ASSERT_TRUE(out.isIntact());
                for (std::int64_t c = 0; c < shape.width; ++c)
                    ASSERT_NEAR(out[c], expected[static_cast<std::size_t>(c)], 5e-6) << variant.name;
            }
        }
    }
}

TEST(Pooling, overlapping_takesFirstHalvesOfTheWindowBefore) {
    const PoolShape shape{2, 1, true};
    const float u[4][2] = {{1, 100}, {2, 100}, {100, 3}, {100, 4}};
    const float z[4][2] = {{0, 9}, {0, 9}, {9, 0}, {9, 0}};
    const float* up[4] = {u[0], u[1], u[2], u[3]};
    const float* zp[4] = {z[0], z[1], z[2], z[3]};
    for (const auto& variant : BATHY_TEST_VARIANTS(poolEntry)) {
        float out = 0;
        variant.run(shape, up, zp, &out);
        EXPECT_FLOAT_EQ(out, 2.5f) << variant.name;
    }
}

TEST(Swiglu, everyVariant_agreesWithReference_alsoFarOut) {
    SCOPED_TRACE(test::seedNote());
    for (const float limit : {0.0f, 1.0f, 10.0f})
        for (const auto width : kWidths) {
            auto gate = Random(11).normals(width, 6.0f);
            const auto up = Random(12).normals(width, 6.0f);
            gate[0] = -200.0f; // silu underflows to zero
            std::vector<float> expected(static_cast<std::size_t>(width));
            swigluReference({gate.data(), up.data(), expected.data(), width, limit, 0.75f});
            for (const auto& variant : BATHY_TEST_VARIANTS(swiglu)) {
                Guarded<float> out(width);
                variant.run({gate.data(), up.data(), out.data(), width, limit, 0.75f});
                ASSERT_TRUE(out.isIntact());
                for (std::int64_t i = 0; i < width; ++i) {
                    const auto wanted = expected[static_cast<std::size_t>(i)];
                    ASSERT_NEAR(out[i], wanted, 1e-6 * std::fabs(wanted) + 1e-30) << variant.name << " " << i;
                }
            }
        }
}

TEST(Swiglu, gateIsClampedFromAboveOnly_upOnBothSides) {
    const float gate[4] = {-20.0f, 20.0f, 1.0f, 1.0f};
    const float up[4] = {1.0f, 1.0f, 30.0f, -30.0f};
    const auto silu = [](double x) { return x / (1 + std::exp(-x)); };
    for (const auto& variant : BATHY_TEST_VARIANTS(swiglu)) {
        float out[4];
        variant.run({gate, up, out, 4, 10.0f, 1.0f});
        EXPECT_NEAR(out[0], silu(-20), 1e-12) << variant.name;
        EXPECT_NEAR(out[1], silu(10), 1e-5) << variant.name;
        EXPECT_NEAR(out[2], 10 * silu(1), 1e-5) << variant.name;
        EXPECT_NEAR(out[3], -10 * silu(1), 1e-5) << variant.name;
    }
}

} // namespace
} // namespace bathy::kernels
