#include "kernels/linear/linear.h"
#include "tests/kernels/random_weight.h"
#include "tests/kernels/variants.h"

#include <array>

namespace bathy::kernels {
namespace {

using test::Guarded;
using test::Random;
using test::RandomWeight;

auto variants() {
    return BATHY_TEST_VARIANTS(linear);
}

using Linear = void (*)(const LinearJob&);

struct Shape {
    std::int64_t rows, cols, tokens;
};

constexpr Shape kShapes[] = {{1, 2, 1},     {1, 32, 1},     {3, 34, 2},    {4, 128, 1},   {5, 62, 3},
                             {17, 96, 5},   {7, 130, 7},    {130, 258, 4}, {33, 1024, 2}, {9, 1026, 6},
                             {64, 1500, 1}, {21, 2178, 13}, {200, 128, 37}};

// Runs rows [begin, end) for the given tokens; outputs poisoned and guarded.
std::vector<float> run(Linear kernel, const WeightView& weight, const float* x, std::int64_t tokens, std::int64_t begin,
                       std::int64_t end) {
    const auto rows = end - begin;
    Guarded<float> y(tokens * rows);
    const auto need = linearScratchFloats(weight, tokens);
    std::vector<float> scratch(static_cast<std::size_t>(need) + 16, std::nanf(""));
    void* aligned = scratch.data();
    auto space = scratch.size() * 4;
    std::align(64, static_cast<std::size_t>(need) * 4, aligned, space);
    LinearJob job;
    job.weight = &weight;
    job.x = x;
    job.xStride = weight.cols;
    job.y = y.data();
    job.yStride = rows;
    job.tokens = tokens;
    job.rowBegin = begin;
    job.rowEnd = end;
    job.scratch = static_cast<float*>(aligned);
    kernel(job);
    EXPECT_TRUE(y.isIntact());
    return y.copy();
}

TEST(Linear, everyVariant_everyForm_agreesWithExactSums) {
    SCOPED_TRACE(test::seedNote());
    std::uint64_t stream = 0;
    for (const auto& form : test::weightForms())
        for (auto shape : kShapes) {
            shape.cols = form.cols(shape.cols);
            const RandomWeight weight(form, shape.rows, shape.cols, ++stream);
            const auto x = Random(++stream).normals(shape.tokens * shape.cols);
            for (const auto& variant : variants()) {
                const auto y = run(variant.run, weight.view(), x.data(), shape.tokens, 0, shape.rows);
                for (std::int64_t t = 0; t < shape.tokens; ++t)
                    for (std::int64_t r = 0; r < shape.rows; ++r) {
                        double exact = 0;
                        double magnitude = 0;
                        for (std::int64_t c = 0; c < shape.cols; ++c) {
                            const double term =
                                static_cast<double>(weight.values[static_cast<std::size_t>(r * shape.cols + c)]) *
                                x[static_cast<std::size_t>(t * shape.cols + c)];
                            exact += term;
                            magnitude += std::fabs(term);
                        }
                        // A chain of cols / 8 roundings and one for each level of the tree and each panel.
                        const double bound = (static_cast<double>(shape.cols) / 8 + 16) * 0x1p-24 * magnitude + 1e-30;
                        ASSERT_NEAR(y[static_cast<std::size_t>(t * shape.rows + r)], exact, bound)
                            << variant.name << " " << form.name << " rows " << shape.rows << " cols " << shape.cols
                            << " tokens " << shape.tokens << " at token " << t << " row " << r;
                    }
            }
        }
}

TEST(Linear, tokenAlone_andInAnyBatch_andAnyRowRange_sameBits) {
    SCOPED_TRACE(test::seedNote());
    std::uint64_t stream = 1000;
    for (const auto& form : test::weightForms())
        for (auto shape : {Shape{23, 130, 19}, Shape{40, 1100, 11}, Shape{6, 2052, 40}}) {
            shape.cols = form.cols(shape.cols);
            const RandomWeight weight(form, shape.rows, shape.cols, ++stream);
            const auto x = Random(++stream).normals(shape.tokens * shape.cols);
            for (const auto& variant : variants()) {
                SCOPED_TRACE(std::string(variant.name) + " " + form.name);
                const auto whole = run(variant.run, weight.view(), x.data(), shape.tokens, 0, shape.rows);
                for (std::int64_t t = 0; t < shape.tokens; ++t) {
                    const auto alone = run(variant.run, weight.view(), x.data() + t * shape.cols, 1, 0, shape.rows);
                    const std::vector<float> expected(whole.begin() + t * shape.rows,
                                                      whole.begin() + (t + 1) * shape.rows);
                    ASSERT_TRUE(test::sameBits(alone, expected)) << "token " << t;
                }
                for (const auto chunk : {2, 3, 4, 5, 7})
                    ASSERT_TRUE(test::sameBits(run(variant.run, weight.view(), x.data(), chunk, 0, shape.rows),
                                               std::vector<float>(whole.begin(), whole.begin() + chunk * shape.rows)))
                        << "chunk " << chunk;
                const auto part = run(variant.run, weight.view(), x.data(), shape.tokens, 3, shape.rows - 1);
                const auto width = shape.rows - 4;
                for (std::int64_t t = 0; t < shape.tokens; ++t)
                    for (std::int64_t r = 0; r < width; ++r)
                        ASSERT_EQ(part[static_cast<std::size_t>(t * width + r)],
                                  whole[static_cast<std::size_t>(t * shape.rows + r + 3)]);
            }
        }
}

TEST(Linear, gatheredTokens_scatteredAndAccumulated_addToTheRightRows) {
    SCOPED_TRACE(test::seedNote());
    constexpr std::int64_t kRows = 11;
    for (const auto& form : test::weightForms()) {
        const auto cols = form.cols(1200);
        const RandomWeight weight(form, kRows, cols, 7);
        const auto x = Random(8).normals(9 * cols);
        for (const auto& variant : variants()) {
            for (const std::int64_t tokens : {1, 2, 5, 8}) {
                const std::int32_t from[] = {8, 0, 3, 3, 5, 1, 2, 7};
                const std::int32_t to[] = {2, 9, 0, 4, 1, 3, 7, 5};
                std::vector<float> y(10 * kRows, 0.5f);
                std::vector<float> scratch(static_cast<std::size_t>(linearScratchFloats(weight.view(), tokens)));
                LinearJob job;
                job.weight = &weight.view();
                job.x = x.data();
                job.xStride = cols;
                job.xRows = from;
                job.y = y.data();
                job.yStride = kRows;
                job.yRows = to;
                job.tokens = tokens;
                job.rowEnd = kRows;
                job.accumulate = true;
                job.scratch = scratch.data();
                variant.run(job);
                std::vector<bool> touched(10, false);
                for (std::int64_t t = 0; t < tokens; ++t) {
                    touched[static_cast<std::size_t>(to[t])] = true;
                    const auto alone = run(variant.run, weight.view(), x.data() + from[t] * cols, 1, 0, kRows);
                    for (std::int64_t r = 0; r < kRows; ++r) {
                        double magnitude = 0.5;
                        for (std::int64_t c = 0; c < cols; ++c)
                            magnitude +=
                                std::fabs(static_cast<double>(weight.values[static_cast<std::size_t>(r * cols + c)]) *
                                          x[static_cast<std::size_t>(from[t] * cols + c)]);
                        // The 0.5 comes first here and last there: one more rounding of a partial sum for each panel.
                        ASSERT_NEAR(y[static_cast<std::size_t>(to[t] * kRows + r)],
                                    0.5f + alone[static_cast<std::size_t>(r)], 8 * 0x1p-24 * magnitude)
                            << variant.name << " " << form.name;
                    }
                }
                for (std::size_t i = 0; i < y.size(); ++i)
                    EXPECT_TRUE(touched[i / kRows] || y[i] == 0.5f);
            }
        }
    }
}

TEST(Linear, nanCodeInE4m3_makesItsRowNan_andNoOther) {
    for (const std::int64_t position : {0, 63, 129, 1023, 1030, 1099}) {
        RandomWeight weight({DType::F8E4M3, DType::F8E8M0, 128, 128, "f8"}, 6, 1100, 3);
        weight.bytes()[2 * 1100 + position] = std::byte{0xff};
        for (const auto& variant : variants())
            for (const std::int64_t tokens : {1, 9}) {
                const auto x = Random(4).normals(tokens * 1100);
                const auto y = run(variant.run, weight.view(), x.data(), tokens, 0, 6);
                for (std::int64_t t = 0; t < tokens; ++t)
                    for (std::int64_t r = 0; r < 6; ++r)
                        ASSERT_EQ(std::isnan(y[static_cast<std::size_t>(t * 6 + r)]), r == 2) << variant.name;
            }
    }
}

TEST(Linear, scaleBytes0And255_areSubnormalAndNan) {
    std::vector<std::byte> codes(2 * 32, std::byte{0x77}); // e2m1 6.0 everywhere
    const std::array<std::byte, 4> scale{std::byte{0}, std::byte{0}, std::byte{255}, std::byte{127}};
    WeightView view;
    view.dtype = DType::F4E2M1;
    view.data = codes.data();
    view.rows = 2;
    view.cols = 64;
    view.rowBytes = 32;
    view.scale = scale.data();
    view.blockCols = 32;
    const std::vector<float> x(64, 0x1p100f);
    for (const auto& variant : variants()) {
        const auto y = run(variant.run, view, x.data(), 1, 0, 2);
        EXPECT_FLOAT_EQ(y[0], 64 * 6 * 0x1p-27f) << variant.name;
        EXPECT_TRUE(std::isnan(y[1])) << variant.name;
    }
}

TEST(Linear, scaleOfAWholeBlockMatrix_multipliesItsSums) {
    const RandomWeight weight({DType::NVFP4, DType::F8E8M0, 0, 0, "nvfp4"}, 7, 192, 5);
    const float scale = 0.375f;
    auto scaled = weight.view();
    scaled.scaleDtype = DType::F32;
    scaled.scale = reinterpret_cast<const std::byte*>(&scale);
    scaled.blockRows = 7;
    scaled.blockCols = 192;
    for (const auto& variant : variants())
        for (const std::int64_t tokens : {1, 9}) {
            const auto x = Random(6).normals(tokens * 192);
            const auto plain = run(variant.run, weight.view(), x.data(), tokens, 0, 7);
            const auto y = run(variant.run, scaled, x.data(), tokens, 0, 7);
            for (std::size_t i = 0; i < y.size(); ++i)
                ASSERT_NEAR(y[i], scale * plain[i], 1e-6f * std::fabs(plain[i])) << variant.name;
        }
}

TEST(Linear, specialBlockScales_areSubnormalZeroAndNan) {
    std::vector<std::byte> mx(3 * 17, std::byte{0x77}); // e2m1 6.0 everywhere
    mx[0] = std::byte{0};
    mx[17] = std::byte{255};
    mx[34] = std::byte{1};
    std::vector<std::byte> nv(2 * 36, std::byte{0x77});
    const std::uint8_t nvScales[8] = {0x7f, 0x00, 0x01, 0x7e, 0x80, 0xff, 0x87, 0x08};
    std::memcpy(nv.data(), nvScales, 4);
    std::memcpy(nv.data() + 36, nvScales + 4, 4);
    const std::vector<float> x(64, 1.0f);
    for (const auto& variant : variants()) {
        WeightView view;
        view.dtype = DType::MXFP4;
        view.data = mx.data();
        view.rows = 3;
        view.cols = 32;
        view.rowBytes = 17;
        view.blockCols = 32;
        const auto y = run(variant.run, view, x.data(), 1, 0, 3);
        EXPECT_EQ(y[0], 32 * 6 * 0x1p-127f) << variant.name;
        EXPECT_TRUE(std::isnan(y[1])) << variant.name;
        EXPECT_EQ(y[2], 32 * 6 * 0x1p-126f) << variant.name;
        view.dtype = DType::NVFP4;
        view.data = nv.data();
        view.rows = 2;
        view.cols = 64;
        view.rowBytes = 36;
        view.blockCols = 64;
        const auto z = run(variant.run, view, x.data(), 1, 0, 2);
        EXPECT_EQ(z[0], 16 * 6 * (0x1p-9f + 448)) << variant.name;
        EXPECT_EQ(z[1], 16 * 6 * (480 + 7 * 0x1p-9f + 0x1p-6f)) << variant.name;
    }
}

TEST(DecodeWeightRow, everyForm_givesExactValues) {
    for (const auto& form : test::weightForms()) {
        const auto cols = form.cols(262);
        const RandomWeight weight(form, 150, cols, 11);
        std::vector<float> row(static_cast<std::size_t>(cols));
        for (std::int64_t r = 0; r < 150; ++r) {
            decodeWeightRow(weight.view(), r, 0, cols, row.data());
            const std::vector<float> expected(weight.values.begin() + r * cols, weight.values.begin() + (r + 1) * cols);
            ASSERT_TRUE(test::sameBits(row, expected)) << form.name << " row " << r;
        }
    }
}

} // namespace
} // namespace bathy::kernels
