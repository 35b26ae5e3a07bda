#include "engine/ops/linear.h"
#include "tests/engine/ops/ops_fixture.h"
#include "tests/kernels/random_weight.h"

namespace bathy::ops {
namespace {

using test::OpsFixture;
using test::Random;
using test::RandomWeight;

std::vector<float> plainProduct(const RandomWeight& weight, const float* x) {
    const auto& view = weight.view();
    std::vector<float> y;
    for (std::int64_t r = 0; r < view.rows; ++r) {
        double sum = 0;
        for (std::int64_t c = 0; c < view.cols; ++c)
            sum += static_cast<double>(weight.values[static_cast<std::size_t>(r * view.cols + c)]) * x[c];
        y.push_back(static_cast<float>(sum));
    }
    return y;
}

TEST(LinearOp, anyThreadCount_sameBits_andAgreesWithPlainProduct) {
    const RandomWeight weight({DType::F8E4M3, DType::F8E8M0, 128, 128, "f8"}, 1030, 384, 1);
    const auto x = Random(2).normals(6 * 384);
    for (const auto level : test::levels()) {
        SCOPED_TRACE(test::traceOf(level));
        std::vector<float> first;
        for (const int threads : {1, 2, 3}) {
            OpsFixture fixture(level, threads);
            std::vector<float> y(6 * 1030, std::nanf(""));
            linear(fixture.context, weight.view(), x.data(), 6, y.data());
            if (first.empty())
                first = y;
            EXPECT_TRUE(test::sameBits(y, first)) << threads << " threads";
        }
        for (std::size_t t = 0; t < 6; ++t) {
            const auto expected = plainProduct(weight, x.data() + t * 384);
            for (std::size_t r = 0; r < expected.size(); ++r)
                ASSERT_NEAR(first[t * 1030 + r], expected[r], 1e-3);
        }
    }
}

TEST(LinearOp, grouped_multipliesEachSliceByItsOwnRows) {
    for (const auto level : test::levels()) {
        SCOPED_TRACE(test::traceOf(level));
        constexpr std::int64_t kGroups = 3;
        constexpr std::int64_t kRows = 13;
        constexpr std::int64_t kCols = 160;
        const RandomWeight weight({DType::BF16, DType::F8E8M0, 0, 0, "bf16"}, kGroups * kRows, kCols, 3);
        OpsFixture fixture(level);
        for (const std::int64_t tokens : {1, 7}) {
            const auto x = Random(4).normals(tokens * kGroups * kCols);
            std::vector<float> y(static_cast<std::size_t>(tokens * kGroups * kRows), std::nanf(""));
            groupedLinear(fixture.context, weight.view(), kGroups, x.data(), tokens, y.data());
            for (std::int64_t t = 0; t < tokens; ++t)
                for (std::int64_t g = 0; g < kGroups; ++g) {
                    const auto expected = plainProduct(weight, x.data() + (t * kGroups + g) * kCols);
                    for (std::int64_t r = 0; r < kRows; ++r)
                        ASSERT_NEAR(y[static_cast<std::size_t>((t * kGroups + g) * kRows + r)],
                                    expected[static_cast<std::size_t>(g * kRows + r)], 1e-4);
                }
        }
    }
}

TEST(GatherRows, anyForm_isTheDecodedRow) {
    OpsFixture fixture;
    for (const auto& form : test::weightForms()) {
        const RandomWeight weight(form, 20, 64, 5);
        const std::vector<std::int32_t> ids{19, 0, 7, 7};
        std::vector<float> y(4 * 64, std::nanf(""));
        gatherRows(fixture.context, weight.view(), ids, y.data());
        for (std::size_t t = 0; t < ids.size(); ++t)
            for (std::size_t c = 0; c < 64; ++c)
                ASSERT_EQ(y[t * 64 + c], weight.values[static_cast<std::size_t>(ids[t]) * 64 + c]) << form.name;
    }
}

TEST(Scratch, afterTheFirstStep_allocatesNothing_andKeepsBlocksApart) {
    Scratch scratch;
    {
        const ScratchScope step(scratch);
        const auto a = scratch.take<float>(100);
        const auto b = scratch.take<float>(3'000'000); // needs a second chunk; `a` stays where it is
        std::fill(a.begin(), a.end(), 1.0f);
        std::fill(b.begin(), b.end(), 2.0f);
        {
            const ScratchScope inner(scratch);
            const auto c = scratch.take<float>(50);
            std::fill(c.begin(), c.end(), 3.0f);
        }
        EXPECT_EQ(a[99], 1.0f);
        EXPECT_EQ(b[2'999'999], 2.0f);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(b.data()) % 64, 0u);
    }
    const auto reserved = scratch.reservedBytes();
    for (int i = 0; i < 3; ++i) {
        const ScratchScope step(scratch);
        EXPECT_EQ(scratch.take<float>(100).size(), 100u);
        EXPECT_EQ(scratch.take<float>(3'000'000).size(), 3'000'000u);
        EXPECT_EQ(scratch.reservedBytes(), reserved);
    }
}

TEST(LinearOp, askedToStop_doesNoWork) {
    const RandomWeight weight({DType::F8E4M3, DType::F8E8M0, 128, 128, "f8"}, 1030, 384, 1);
    const auto x = Random(2).normals(6 * 384);
    OpsFixture fixture;
    std::stop_source stop;
    fixture.context.stop = stop.get_token();
    std::vector<float> y(6 * 1030, 1);
    stop.request_stop();
    linear(fixture.context, weight.view(), x.data(), 6, y.data());
    EXPECT_EQ(y, std::vector<float>(6 * 1030, 1));
}

} // namespace
} // namespace bathy::ops
