#include "engine/ops/experts.h"
#include "tests/engine/ops/ops_fixture.h"
#include "tests/kernels/random_weight.h"

#include <deque>

namespace bathy::ops {
namespace {

using test::OpsFixture;
using test::Random;
using test::RandomWeight;

constexpr std::int64_t kChannels = 96;
constexpr std::int64_t kInner = 160;
constexpr std::int64_t kExperts = 5;
constexpr std::int64_t kChosen = 2;

// Experts in F4, the shared one in F8, as in the official files.
struct Mixture {
    Mixture() {
        const test::WeightForm f4{DType::F4E2M1, DType::F8E8M0, 1, 32, "f4"};
        const test::WeightForm f8{DType::F8E4M3, DType::F8E8M0, 128, 128, "f8"};
        for (std::int64_t e = 0; e <= kExperts; ++e) {
            const auto& form = e < kExperts ? f4 : f8;
            const auto stream = static_cast<std::uint64_t>(100 + 3 * e);
            weights.emplace_back(form, kInner, kChannels, stream);
            weights.emplace_back(form, kChannels, kInner, stream + 1);
            weights.emplace_back(form, kInner, kChannels, stream + 2);
            const auto n = weights.size();
            (e < kExperts ? experts.emplace_back() : shared) = {weights[n - 3].view(), weights[n - 2].view(),
                                                                weights[n - 1].view()};
        }
    }
    std::deque<RandomWeight> weights;
    std::vector<ExpertWeights> experts;
    ExpertWeights shared;
};

struct Batch {
    explicit Batch(std::int64_t count) : tokens(count), x(Random(1).normals(count * kChannels)) {
        Random random(2);
        for (std::int64_t t = 0; t < count; ++t) {
            const auto first = random.integer(0, kExperts - 1);
            chosen.push_back(static_cast<std::int32_t>(first));
            chosen.push_back(static_cast<std::int32_t>((first + random.integer(1, kExperts - 1)) % kExperts));
            weights.push_back(std::fabs(random.normal()));
            weights.push_back(std::fabs(random.normal()));
        }
    }
    std::int64_t tokens;
    std::vector<float> x;
    std::vector<std::int32_t> chosen;
    std::vector<float> weights;
};

std::vector<float> run(Context& context, const Mixture& mixture, const Batch& batch, std::int64_t begin,
                       std::int64_t end, bool withShared = true) {
    std::vector<float> y(static_cast<std::size_t>((end - begin) * kChannels), std::nanf(""));
    ExpertsJob job;
    job.experts = mixture.experts;
    job.shared = withShared ? &mixture.shared : nullptr;
    job.swigluLimit = 1.0f;
    job.tokens = end - begin;
    job.chosenPerToken = kChosen;
    job.chosen = batch.chosen.data() + begin * kChosen;
    job.weights = batch.weights.data() + begin * kChosen;
    job.x = batch.x.data() + begin * kChannels;
    job.y = y.data();
    runExperts(context, job);
    return y;
}

std::vector<double> product(const RandomWeight& w, const std::vector<double>& x) {
    std::vector<double> y(static_cast<std::size_t>(w.view().rows), 0.0);
    for (std::size_t r = 0; r < y.size(); ++r)
        for (std::size_t c = 0; c < x.size(); ++c)
            y[r] += w.values[r * x.size() + c] * x[c];
    return y;
}

void addExpert(const Mixture& mixture, std::size_t e, double weight, const std::vector<double>& x,
               std::vector<double>& y) {
    auto gate = product(mixture.weights[3 * e], x);
    const auto up = product(mixture.weights[3 * e + 2], x);
    for (std::size_t i = 0; i < gate.size(); ++i) {
        const double g = std::min(gate[i], 1.0);
        gate[i] = weight * g / (1 + std::exp(-g)) * std::clamp(up[i], -1.0, 1.0);
    }
    const auto down = product(mixture.weights[3 * e + 1], gate);
    for (std::size_t i = 0; i < y.size(); ++i)
        y[i] += down[i];
}

TEST(Experts, everyLevel_agreesWithPlainArithmetic) {
    const Mixture mixture;
    const Batch batch(9);
    for (const auto level : test::levels()) {
        SCOPED_TRACE(test::traceOf(level));
        OpsFixture fixture(level);
        for (const bool withShared : {true, false}) {
            const auto y = run(fixture.context, mixture, batch, 0, batch.tokens, withShared);
            for (std::size_t t = 0; t < 9; ++t) {
                const std::vector<double> x(batch.x.begin() + static_cast<std::ptrdiff_t>(t * kChannels),
                                            batch.x.begin() + static_cast<std::ptrdiff_t>((t + 1) * kChannels));
                std::vector<double> expected(kChannels, 0.0);
                for (std::size_t i = 0; i < kChosen; ++i)
                    addExpert(mixture, static_cast<std::size_t>(batch.chosen[t * kChosen + i]),
                              batch.weights[t * kChosen + i], x, expected);
                if (withShared)
                    addExpert(mixture, kExperts, 1.0, x, expected);
                for (std::size_t c = 0; c < kChannels; ++c)
                    ASSERT_NEAR(y[t * kChannels + c], expected[c], 2e-4 * (1 + std::fabs(expected[c])));
            }
        }
    }
}

TEST(Experts, emptyPlaces_changeNoBitOfTheRest) {
    const Mixture mixture;
    Batch batch(9);
    auto zeros = batch;
    for (const std::size_t slot : {0, 3, 4, 5, 10}) { // token 2 is left with the shared expert alone
        batch.chosen[slot] = -1;
        batch.weights[slot] = 0;
        zeros.weights[slot] = 0;
    }
    for (const auto level : test::levels()) {
        SCOPED_TRACE(test::traceOf(level));
        OpsFixture fixture(level);
        for (const bool withShared : {true, false})
            EXPECT_EQ(run(fixture.context, mixture, batch, 0, 9, withShared),
                      run(fixture.context, mixture, zeros, 0, 9, withShared));
    }
}

TEST(Experts, tokenAlone_andInAnyBatch_onAnyThreads_sameBits) {
    const Mixture mixture;
    const Batch batch(30);
    for (const auto level : test::levels()) {
        SCOPED_TRACE(test::traceOf(level));
        OpsFixture one(level, 1);
        OpsFixture three(level, 3);
        const auto whole = run(one.context, mixture, batch, 0, 30);
        EXPECT_TRUE(test::sameBits(run(three.context, mixture, batch, 0, 30), whole));
        for (const std::int64_t step : {1, 7}) {
            std::vector<float> pieces;
            for (std::int64_t t = 0; t < 30; t += step) {
                const auto part = run(three.context, mixture, batch, t, std::min<std::int64_t>(30, t + step));
                pieces.insert(pieces.end(), part.begin(), part.end());
            }
            EXPECT_TRUE(test::sameBits(pieces, whole)) << "pieces of " << step;
        }
    }
}

} // namespace
} // namespace bathy::ops
