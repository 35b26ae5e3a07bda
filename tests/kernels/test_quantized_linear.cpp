#include "kernels/quantized_linear/quantized_linear.h"
#include "tests/kernels/quantized_support.h"
#include "tests/kernels/random_weight.h"

namespace bathy::kernels {
namespace {

using test::Guarded;
using test::Random;
using test::RandomWeight;
using test::RoundedRows;

struct Shape {
    std::int64_t rows, cols, tokens;
};

constexpr Shape kShapes[] = {{1, 1, 1},     {1, 300, 5},   {3, 64, 2},   {5, 96, 3},
                             {17, 1100, 4}, {33, 2100, 9}, {20, 4096, 1}};

std::vector<test::WeightForm> blockForms() {
    std::vector<test::WeightForm> forms;
    for (const auto& form : test::weightForms())
        if (isBlockType(form.dtype))
            forms.push_back(form);
    return forms;
}

QuantizedLinearJob jobFor(const WeightView& weight, const RoundedRows& x, std::int64_t tokens) {
    QuantizedLinearJob job;
    job.weight = &weight;
    job.x = x.data();
    job.xStride = x.rowBytes();
    job.yStride = weight.rows;
    job.tokens = tokens;
    job.rowEnd = weight.rows;
    return job;
}

std::vector<float> run(test::QuantizedLinear kernel, QuantizedLinearJob job) {
    const auto rows = job.rowEnd - job.rowBegin;
    Guarded<float> y(job.tokens * rows);
    job.y = y.data();
    job.yStride = rows;
    kernel(job);
    EXPECT_TRUE(y.isIntact());
    return y.copy();
}

float halfAt(const std::byte* p) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, p, 2);
    return f16ToFloat(bits);
}

TEST(QuantizedLinear, everyLevel_everyBlockType_sameBitsAsTheReference) {
    SCOPED_TRACE(test::seedNote());
    std::uint64_t stream = 0;
    for (const auto& form : blockForms())
        for (auto shape : kShapes) {
            shape.cols = form.cols(shape.cols);
            const RandomWeight weight(form, shape.rows, shape.cols, ++stream);
            const auto x = Random(++stream).normals(shape.tokens * shape.cols);
            const RoundedRows rounded(form.dtype, x.data(), shape.tokens, shape.cols);
            const auto job = jobFor(weight.view(), rounded, shape.tokens);
            const auto expected = run(quantizedLinearReference, job);
            for (const auto& variant : test::productVariants())
                ASSERT_TRUE(test::sameBits(run(variant.run, job), expected))
                    << variant.name << " " << form.name << " rows " << shape.rows << " cols " << shape.cols
                    << " tokens " << shape.tokens;
        }
}

// What the rounded activations stand for, times the decoded weights, in double: the integers must be the right ones.
TEST(QuantizedLinear, everyBlockType_isTheProductWithTheRoundedActivations) {
    SCOPED_TRACE(test::seedNote());
    std::uint64_t stream = 500;
    for (const auto& form : blockForms()) {
        const auto cols = form.cols(1024);
        const std::int64_t group = dtypeBlock(form.dtype).elements == 256 ? 256 : 32;
        const bool hasOwnSums = form.dtype == DType::Q4_1 || form.dtype == DType::Q5_1;
        const RandomWeight weight(form, 9, cols, ++stream);
        const auto x = Random(++stream).normals(2 * cols);
        RoundedRows rounded(form.dtype, x.data(), 2, cols);
        const auto y = run(quantizedLinearReference, jobFor(weight.view(), rounded, 2));
        for (std::int64_t t = 0; t < 2; ++t)
            for (std::int64_t r = 0; r < 9; ++r) {
                const auto row = rounded.row(t);
                double exact = 0;
                double bound = 0;
                for (std::int64_t c = 0; c < cols; ++c) {
                    const double w = weight.values[static_cast<std::size_t>(r * cols + c)];
                    const double term = w * row.values[c] * row.scales[c / group];
                    exact += term;
                    // Scales, minima and codes come out of one product each; a minimum cancels part of it.
                    bound += (static_cast<double>(cols) / 32 + 16) * 0x1p-24 * 8 * std::fabs(term);
                }
                for (std::int64_t c = 0; hasOwnSums && c < cols; c += 32) {
                    const auto* block =
                        weight.view().data + r * weight.view().rowBytes + c / 32 * dtypeBlock(form.dtype).bytes;
                    // The sum of the group and the scale were each rounded to eleven bits.
                    bound += std::fabs(halfAt(block + 2) * row.sums[c / 32]) * 0x1p-10 + 1e-6;
                }
                ASSERT_NEAR(y[static_cast<std::size_t>(t * 9 + r)], exact, bound) << form.name << " row " << r;
            }
    }
}

// Rounding moves a value by half a step, and the scale of 32 values by 2^-11 of itself.
TEST(QuantizedLinear, everyBlockType_isNearTheExactProduct) {
    SCOPED_TRACE(test::seedNote());
    std::uint64_t stream = 700;
    for (const auto& form : blockForms()) {
        const auto cols = form.cols(2048);
        const std::int64_t group = dtypeBlock(form.dtype).elements == 256 ? 256 : 32;
        const RandomWeight weight(form, 7, cols, ++stream);
        const auto x = Random(++stream).normals(cols);
        const RoundedRows rounded(form.dtype, x.data(), 1, cols);
        for (const auto& variant : test::productVariants()) {
            const auto y = run(variant.run, jobFor(weight.view(), rounded, 1));
            for (std::int64_t r = 0; r < 7; ++r) {
                double exact = 0;
                double bound = 1e-6;
                for (std::int64_t c = 0; c < cols; ++c) {
                    const double w = weight.values[static_cast<std::size_t>(r * cols + c)];
                    float most = 0;
                    for (auto i = c / group * group; i < c / group * group + group; ++i)
                        most = std::max(most, std::fabs(x[static_cast<std::size_t>(i)]));
                    exact += w * x[static_cast<std::size_t>(c)];
                    bound += std::fabs(w) * most * (0.5 / 127 + 0x1p-10);
                }
                ASSERT_NEAR(y[static_cast<std::size_t>(r)], exact, bound) << variant.name << " " << form.name;
            }
        }
    }
}

TEST(QuantizedLinear, tokenAlone_andInAnyBatch_andAnyRowRange_sameBits) {
    SCOPED_TRACE(test::seedNote());
    std::uint64_t stream = 900;
    for (const auto& form : blockForms()) {
        constexpr std::int64_t kRows = 37;
        constexpr std::int64_t kTokens = 11;
        const auto cols = form.cols(500);
        const RandomWeight weight(form, kRows, cols, ++stream);
        const auto x = Random(++stream).normals(kTokens * cols);
        const RoundedRows rounded(form.dtype, x.data(), kTokens, cols);
        for (const auto& variant : test::productVariants()) {
            SCOPED_TRACE(std::string(variant.name) + " " + form.name);
            auto job = jobFor(weight.view(), rounded, kTokens);
            const auto whole = run(variant.run, job);
            for (std::int64_t t = 0; t < kTokens; ++t) {
                auto one = job;
                one.x = rounded.data() + t * rounded.rowBytes();
                one.tokens = 1;
                ASSERT_TRUE(test::sameBits(run(variant.run, one),
                                           {whole.begin() + t * kRows, whole.begin() + (t + 1) * kRows}));
            }
            job.rowBegin = 5;
            job.rowEnd = kRows - 1;
            const auto part = run(variant.run, job);
            for (std::int64_t t = 0; t < kTokens; ++t)
                for (std::int64_t r = 5; r < kRows - 1; ++r)
                    ASSERT_EQ(part[static_cast<std::size_t>(t * (kRows - 6) + r - 5)],
                              whole[static_cast<std::size_t>(t * kRows + r)]);
        }
    }
}

TEST(QuantizedLinear, gatheredScatteredGainedAndAccumulated_addToTheRightRows) {
    constexpr std::int64_t kRows = 6;
    const std::int32_t from[] = {3, 0, 0, 2, 4};
    const std::int32_t to[] = {1, 5, 0, 3, 2};
    const float gains[] = {0.5f, 2.0f, -1.0f, 0.25f, 3.0f};
    for (const auto& form : blockForms()) {
        const auto cols = form.cols(256);
        const RandomWeight weight(form, kRows, cols, 41);
        const auto x = Random(42).normals(5 * cols);
        const RoundedRows rounded(form.dtype, x.data(), 5, cols);
        const auto plain = run(quantizedLinearReference, jobFor(weight.view(), rounded, 5));
        for (const auto& variant : test::productVariants()) {
            std::vector<float> y(7 * kRows, 0.75f);
            auto job = jobFor(weight.view(), rounded, 5);
            job.xRows = from;
            job.yRows = to;
            job.gains = gains;
            job.y = y.data();
            job.accumulate = true;
            variant.run(job);
            for (std::int64_t row = 0; row < 7; ++row) {
                const auto* at = std::find(to, to + 5, row);
                for (std::int64_t r = 0; r < kRows; ++r) {
                    const float added =
                        at == to + 5 ? 0.0f
                                     : plain[static_cast<std::size_t>(from[at - to] * kRows + r)] * gains[at - to];
                    ASSERT_EQ(y[static_cast<std::size_t>(row * kRows + r)], 0.75f + added)
                        << variant.name << " " << form.name;
                }
            }
        }
    }
}

TEST(QuantizedLinear, scaleOfTheWholeMatrix_multipliesItsSums) {
    const RandomWeight weight({DType::NVFP4, DType::F8E8M0, 0, 0, "nvfp4"}, 7, 192, 5);
    const float scale = 0.375f;
    auto scaled = weight.view();
    scaled.scale = reinterpret_cast<const std::byte*>(&scale);
    const auto x = Random(6).normals(192);
    const RoundedRows rounded(DType::NVFP4, x.data(), 1, 192);
    const auto plain = run(quantizedLinearReference, jobFor(weight.view(), rounded, 1));
    for (const auto& variant : test::productVariants()) {
        const auto y = run(variant.run, jobFor(scaled, rounded, 1));
        for (std::size_t i = 0; i < y.size(); ++i)
            ASSERT_EQ(y[i], scale * plain[i]) << variant.name;
    }
}

TEST(QuantizedLinear, specialScales_areSubnormalZeroAndNan) {
    std::vector<std::byte> mx(3 * 17, std::byte{0x77}); // e2m1 6.0 everywhere
    mx[0] = std::byte{0};
    mx[17] = std::byte{255};
    mx[34] = std::byte{1};
    WeightView view;
    view.dtype = DType::MXFP4;
    view.data = mx.data();
    view.rows = 3;
    view.cols = 32;
    view.rowBytes = 17;
    const std::vector<float> x(32, 127.0f);
    const RoundedRows rounded(DType::MXFP4, x.data(), 1, 32);
    for (const auto& variant : test::productVariants()) {
        const auto y = run(variant.run, jobFor(view, rounded, 1));
        EXPECT_EQ(y[0], 127 * 32 * 6 * 0x1p-127f) << variant.name;
        EXPECT_TRUE(std::isnan(y[1])) << variant.name;
        EXPECT_EQ(y[2], 127 * 32 * 6 * 0x1p-126f) << variant.name;
    }
}

} // namespace
} // namespace bathy::kernels
