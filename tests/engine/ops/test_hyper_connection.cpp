#include "engine/ops/hyper_connection.h"
#include "engine/ops/norm.h"
#include "engine/ops/quantize.h"
#include "engine/ops/softmax.h"
#include "tests/engine/ops/ops_fixture.h"

#include <numeric>

namespace bathy::ops {
namespace {

using test::OpsFixture;
using test::Random;

constexpr std::int64_t kStreams = 4;
constexpr std::int64_t kChannels = 72;
constexpr std::int64_t kWidth = kStreams * kChannels;
constexpr std::int64_t kTokens = 5;

struct Given {
    std::vector<float> fn = Random(1).normals(24 * kWidth, 0.1f);
    std::vector<float> base = Random(2).normals(24);
    std::vector<float> scale{0.5f, 0.8f, 1.2f};
    std::vector<float> streams = Random(3).normals(kTokens * kWidth);
    HyperConnectionSpec spec{kStreams, kChannels, 20, 1e-6f, 1e-6f};
};

// m of spec 2.2 step 1 in double.
std::vector<double> mixes(const Given& given, std::int64_t token, std::int64_t rows) {
    const auto* v = given.streams.data() + token * kWidth;
    double square = 0;
    for (std::int64_t i = 0; i < kWidth; ++i)
        square += static_cast<double>(v[i]) * v[i];
    std::vector<double> m;
    for (std::int64_t r = 0; r < rows; ++r) {
        double sum = 0;
        for (std::int64_t i = 0; i < kWidth; ++i)
            sum += static_cast<double>(given.fn[static_cast<std::size_t>(r * kWidth + i)]) * v[i];
        m.push_back(sum / std::sqrt(square / kWidth + 1e-6));
    }
    return m;
}

TEST(HyperConnectionOp, pre_normalisesAfterTheProduct_andMixesTheStreams) {
    const Given given;
    for (const auto level : test::levels()) {
        SCOPED_TRACE(test::traceOf(level));
        OpsFixture fixture(level);
        std::vector<float> x(kTokens * kChannels, std::nanf(""));
        std::vector<float> post(kTokens * kStreams, std::nanf(""));
        std::vector<float> comb(kTokens * kStreams * kStreams, std::nanf(""));
        hyperPre(fixture.context, given.spec,
                 {floatWeight(given.fn.data(), 24, kWidth), given.base.data(), given.scale.data()},
                 given.streams.data(), kTokens, x.data(), post.data(), comb.data());
        for (std::int64_t t = 0; t < kTokens; ++t) {
            const auto m = mixes(given, t, 24);
            for (std::int64_t c = 0; c < kChannels; ++c) {
                double sum = 0;
                for (std::size_t j = 0; j < kStreams; ++j)
                    sum += (1 / (1 + std::exp(-(m[j] * 0.5 + given.base[j]))) + 1e-6) *
                           given.streams[static_cast<std::size_t>(t * kWidth) + j * kChannels +
                                         static_cast<std::size_t>(c)];
                ASSERT_NEAR(x[static_cast<std::size_t>(t * kChannels + c)], sum, 1e-5);
            }
            for (std::int64_t k = 0; k < kStreams; ++k) { // columns were normalised last
                double column = 0;
                for (std::int64_t j = 0; j < kStreams; ++j)
                    column += comb[static_cast<std::size_t>((t * kStreams + j) * kStreams + k)];
                EXPECT_NEAR(column, 1.0, 2e-6);
                EXPECT_NEAR(post[static_cast<std::size_t>(t * kStreams + k)],
                            2 / (1 + std::exp(-(m[static_cast<std::size_t>(kStreams + k)] *
                                                    static_cast<double>(given.scale[1]) +
                                                given.base[static_cast<std::size_t>(kStreams + k)]))),
                            1e-5);
            }
        }
    }
}

TEST(HyperConnectionOp, post_firstIndexOfCombIsTheSource) {
    OpsFixture fixture;
    HyperConnectionSpec spec{2, 3, 20, 1e-6f, 1e-6f};
    const float streams[6] = {1, 2, 3, 10, 20, 30};
    const float y[3] = {100, 200, 300};
    const float post[2] = {1, 2};
    const float comb[4] = {0, 1, 0, 0}; // stream 0 goes to stream 1, stream 1 nowhere
    float out[6];
    hyperPost(fixture.context, spec, y, streams, post, comb, 1, out);
    EXPECT_EQ(std::vector<float>(out, out + 6), (std::vector<float>{100, 200, 300, 201, 402, 603}));
}

TEST(HyperConnectionOp, head_weighsWithSigmoid) {
    const Given given;
    for (const auto level : test::levels()) {
        SCOPED_TRACE(test::traceOf(level));
        OpsFixture fixture(level);
        std::vector<float> h(kTokens * kChannels, std::nanf(""));
        hyperHead(fixture.context, given.spec,
                  {floatWeight(given.fn.data(), kStreams, kWidth), given.base.data(), given.scale.data()},
                  given.streams.data(), kTokens, h.data());
        for (std::int64_t t = 0; t < kTokens; ++t) {
            const auto m = mixes(given, t, kStreams);
            for (std::int64_t c = 0; c < kChannels; ++c) {
                double sum = 0;
                for (std::size_t j = 0; j < kStreams; ++j)
                    sum += (1 / (1 + std::exp(-(m[j] * 0.5 + given.base[j]))) + 1e-6) *
                           given.streams[static_cast<std::size_t>(t * kWidth) + j * kChannels +
                                         static_cast<std::size_t>(c)];
                ASSERT_NEAR(h[static_cast<std::size_t>(t * kChannels + c)], sum, 1e-5);
            }
        }
    }
}

TEST(NormOp, perHead_isTheNormOfEachRow_inPlace) {
    OpsFixture fixture;
    auto x = Random(4).normals(3 * 32);
    const auto before = x;
    rmsNormRows(fixture.context, x.data(), 3, 32, 1e-6f, x.data());
    for (std::size_t row = 0; row < 3; ++row) {
        double square = 0;
        for (std::size_t c = 0; c < 32; ++c)
            square += static_cast<double>(before[row * 32 + c]) * before[row * 32 + c];
        for (std::size_t c = 0; c < 32; ++c)
            EXPECT_NEAR(x[row * 32 + c], before[row * 32 + c] / std::sqrt(square / 32 + 1e-6), 1e-6);
    }
}

TEST(QuantizeOp, fp8Grid_leavesTheRotatedChannelsAlone) {
    OpsFixture fixture;
    auto x = Random(5).normals(4 * 96);
    const auto before = x;
    fp8Grid(fixture.context, {4, 96, 64, 64}, x.data());
    for (std::size_t row = 0; row < 4; ++row)
        for (std::size_t c = 0; c < 96; ++c) {
            if (c >= 64)
                EXPECT_EQ(x[row * 96 + c], before[row * 96 + c]);
            else
                EXPECT_NEAR(x[row * 96 + c], before[row * 96 + c], 0.0626 * std::fabs(before[row * 96 + c]) + 1e-4);
        }
}

TEST(SoftmaxOp, sumsToOne_andAgreesWithItsLogarithm) {
    const auto x = Random(6).normals(1000, 4.0f);
    std::vector<float> p(1000);
    std::vector<float> l(1000);
    softmax(x, p);
    logSoftmax(x, l);
    EXPECT_NEAR(std::accumulate(p.begin(), p.end(), 0.0), 1.0, 1e-5);
    for (std::size_t i = 0; i < 1000; ++i)
        EXPECT_NEAR(p[i], std::exp(static_cast<double>(l[i])), 1e-6);
    const std::vector<float> nothing(4, -std::numeric_limits<float>::infinity());
    std::vector<float> uniform(4);
    softmax(nothing, uniform);
    EXPECT_EQ(uniform, std::vector<float>(4, 0.25f));
}

} // namespace
} // namespace bathy::ops
