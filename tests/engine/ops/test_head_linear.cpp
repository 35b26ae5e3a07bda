#include "engine/ops/linear.h"
#include "tests/engine/ops/ops_fixture.h"
#include "tests/kernels/random_weight.h"

namespace bathy::ops {
namespace {

using test::OpsFixture;
using test::Random;
using test::RandomWeight;

constexpr std::int64_t kHeads = 5;
constexpr std::int64_t kStride = 22; // rows of a head; the product uses some of them
constexpr std::int64_t kFirst = 9;
constexpr std::int64_t kCount = 11;
constexpr std::int64_t kTokens = 7;

// What a sum of n products may be off by, in units of the largest sum of magnitudes seen.
double tolerance(std::int64_t terms, double magnitude) {
    return 1e-6 * std::sqrt(static_cast<double>(terms)) * magnitude + 1e-6;
}

struct Product {
    std::vector<double> sums;
    std::vector<double> magnitudes;
};

// W_h x or, transposed, W_h^T x, in double.
Product inDouble(const RandomWeight& weight, bool transposed, const std::vector<float>& x, const HeadStrides& strides) {
    const auto cols = weight.view().cols;
    const auto outputs = transposed ? cols : kCount;
    const auto inputs = transposed ? kCount : cols;
    Product product;
    for (std::int64_t i = 0; i < kTokens * kHeads; ++i)
        for (std::int64_t o = 0; o < outputs; ++o) {
            double sum = 0;
            double magnitude = 0;
            for (std::int64_t k = 0; k < inputs; ++k) {
                const auto row = i % kHeads * kStride + kFirst + (transposed ? k : o);
                const auto at = static_cast<std::size_t>(row * cols + (transposed ? o : k));
                const double term =
                    static_cast<double>(weight.values[at]) * x[static_cast<std::size_t>(i * strides.x + k)];
                sum += term;
                magnitude += std::fabs(term);
            }
            product.sums.push_back(sum);
            product.magnitudes.push_back(magnitude);
        }
    return product;
}

TEST(HeadLinear, bothDirections_everyForm_agreeWithDouble_anyBatchTheSameBits) {
    SCOPED_TRACE(test::seedNote());
    for (const auto& form : test::weightForms()) {
        const auto cols = form.cols(70);
        const RandomWeight weight(form, kHeads * kStride, cols, 1);
        for (const bool transposed : {false, true}) {
            const auto run = transposed ? headLinearTransposed : headLinear;
            const auto outputs = transposed ? cols : kCount;
            const auto inputs = transposed ? kCount : cols;
            const HeadStrides strides{inputs + 3, outputs + 5};
            const auto x = Random(2).normals(kTokens * kHeads * strides.x);
            const auto expected = inDouble(weight, transposed, x, strides);
            for (const auto level : test::levels()) {
                SCOPED_TRACE(test::traceOf(level) + " " + form.name + (transposed ? " transposed" : ""));
                OpsFixture fixture(level);
                std::vector<float> y(static_cast<std::size_t>(kTokens * kHeads * strides.y), 77.0f);
                run(fixture.context, weight.view(), {kHeads, kStride, kFirst, kCount}, strides, x.data(), kTokens,
                    y.data());
                for (std::int64_t i = 0; i < kTokens * kHeads; ++i)
                    for (std::int64_t o = 0; o < strides.y; ++o) {
                        const auto value = y[static_cast<std::size_t>(i * strides.y + o)];
                        if (o >= outputs) {
                            ASSERT_EQ(value, 77.0f);
                            continue;
                        }
                        const auto at = static_cast<std::size_t>(i * outputs + o);
                        ASSERT_NEAR(value, expected.sums[at], tolerance(inputs, expected.magnitudes[at]));
                    }
                std::vector<float> alone(static_cast<std::size_t>(kHeads * strides.y), 77.0f);
                run(fixture.context, weight.view(), {kHeads, kStride, kFirst, kCount}, strides,
                    x.data() + 3 * kHeads * strides.x, 1, alone.data());
                const std::vector<float> fourth(y.begin() + 3 * kHeads * strides.y, y.begin() + 4 * kHeads * strides.y);
                EXPECT_TRUE(test::sameBits(alone, fourth));
            }
        }
    }
}

} // namespace
} // namespace bathy::ops
