// Speeds by the clock of a model that takes a microsecond a step, whatever its tokens.
#include "engine/evaluate/speed.h"
#include "engine/evaluate/speed_counter.h"
#include "tests/support/fake_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bathy::evaluate {
namespace {

using model::TokenPass;
using test::FakeModel;
using testing::Each;
using testing::ElementsAre;

class Speed : public testing::Test {
protected:
    Speed() {
        sweep.prefill = {8};
        sweep.decode = {3};
        sweep.depths = {0, 10};
        sweep.repeats = 2;
        sweep.chunk = 4;
        options.clock = [this] { return model.clockNs(); };
    }
    SpeedResult measure() {
        auto result = measureSpeed(model, sweep, options);
        EXPECT_TRUE(result) << result.error().what();
        return *result;
    }

    FakeModel model;
    SpeedSweep sweep;
    SpeedOptions options;
};

TEST_F(Speed, Rates_areThoseOfTheModelsClock) {
    const auto result = measure();
    EXPECT_FALSE(result.stopped);
    EXPECT_EQ(result.kvFormat, KvFormat::BF16);
    ASSERT_EQ(result.rows.size(), 4u);
    for (const auto& row : result.rows) {
        ASSERT_EQ(row.tokensPerSecond.size(), 2u) << "the first run does not count";
        // 8 tokens in two steps of a microsecond, 3 tokens in three.
        EXPECT_THAT(row.tokensPerSecond, Each(testing::DoubleEq(row.what.test == SpeedTest::Prefill ? 4e6 : 1e6)));
    }
}

TEST_F(Speed, Depth_isFilledOnceAndProgressEndsAtTheTotal) {
    std::int64_t last = 0;
    std::int64_t total = 0;
    options.progress = [&](std::int64_t done, std::int64_t all) {
        EXPECT_GT(done, last);
        last = done;
        total = all;
    };
    measure();
    EXPECT_EQ(model.fed, static_cast<std::size_t>(tokensOf(sweep)));
    EXPECT_EQ(last, tokensOf(sweep));
    EXPECT_EQ(total, tokensOf(sweep));
}

TEST_F(Speed, Counted_areThePassesAndTheExpertsOfOneRun) {
    const auto result = measure();
    const auto& prefill = result.rows[2];
    EXPECT_EQ(prefill.what, (SpeedCase{SpeedTest::Prefill, 8, 10}));
    EXPECT_THAT(prefill.counted.passes, ElementsAre(TokenPass{10, 4}, TokenPass{14, 4}));
    EXPECT_EQ(prefill.counted.logits, 1u);
    const auto& decode = result.rows[3];
    EXPECT_THAT(decode.counted.passes, ElementsAre(TokenPass{10, 1}, TokenPass{11, 1}, TokenPass{12, 1}));
    EXPECT_EQ(decode.counted.logits, 3u);
    EXPECT_THAT(decode.counted.expertReads, ElementsAre(6, 6, 6)); // two a token in each of three layers
    // Tokens of one pass that go to the same expert read it once: token t goes to t and t + 1 (mod 8) in layer 0.
    std::uint64_t reads = 0;
    for (const std::int64_t first : {10, 14}) {
        std::set<std::int64_t> experts;
        for (std::int64_t p = first; p < first + 4; ++p)
            for (int pick = 0; pick < 2; ++pick)
                experts.insert((raw(speedToken(p, 64)) + pick) % 8);
        reads += experts.size();
    }
    EXPECT_EQ(prefill.counted.expertReads[0], reads);
}

TEST_F(Speed, Tokens_areTheSameInEveryRunAndInsideTheVocabulary) {
    std::set<TokenId> seen;
    for (std::int64_t p = 0; p < 1000; ++p) {
        EXPECT_EQ(speedToken(p, 64), speedToken(p, 64));
        EXPECT_GE(raw(speedToken(p, 64)), 0);
        EXPECT_LT(raw(speedToken(p, 64)), 64);
        seen.insert(speedToken(p, 64));
    }
    EXPECT_EQ(seen.size(), 64u);
}

TEST_F(Speed, Stopped_keepsWhatWasMeasured) {
    std::stop_source stop;
    options.stop = stop.get_token();
    const auto fill = 10;
    const auto round = 2 * (8 + 3);
    options.progress = [&](std::int64_t done, std::int64_t /*total*/) {
        if (done >= fill + round + 3) // in the second round, which goes backwards: decode at depth 10 is over
            stop.request_stop();
    };
    const auto result = measure();
    EXPECT_TRUE(result.stopped);
    ASSERT_EQ(result.rows.size(), 1u);
    EXPECT_EQ(result.rows[0].what, (SpeedCase{SpeedTest::Decode, 3, 10}));
    EXPECT_EQ(result.rows[0].tokensPerSecond.size(), 1u);
    EXPECT_FALSE(result.rows[0].counted.passes.empty());
}

TEST_F(Speed, TooDeep_isRefusedBeforeAnythingRuns) {
    sweep.depths = {4096};
    const auto result = measureSpeed(model, sweep, options);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), ErrorCode::BadArgument);
    EXPECT_EQ(model.fed, 0u);
}

TEST(SpeedCounter, StepThatTheModelCuts_isSoManyPasses) {
    SpeedCounter counter;
    counter.beginStep(100, 1200, true);
    for (const std::int64_t first : {100, 612, 1124})
        for (const int layer : {-1, 0, 1})
            counter.onStreams(LayerId{layer}, Position{first}, {});
    const auto run = counter.take();
    EXPECT_THAT(run.passes, ElementsAre(TokenPass{100, 512}, TokenPass{612, 512}, TokenPass{1124, 176}));
    EXPECT_EQ(run.logits, 1u);
    EXPECT_EQ(counter.take(), CountedRun{});
}

TEST(SpeedCounter, PlaceLeftEmpty_isNoExpert) {
    SpeedCounter counter;
    counter.beginStep(0, 2, false);
    const std::vector<std::int32_t> experts{3, -1, 3, 5};
    counter.onRouting(LayerId{1}, Position{0}, 2, experts, {});
    EXPECT_THAT(counter.take().expertReads, ElementsAre(0, 2));
}

TEST(SpeedBytes, AreWhatThePassesReadOverTheTokens) {
    SpeedRow row;
    row.what = {SpeedTest::Prefill, 6, 0};
    row.counted.passes = {{0, 4}, {4, 2}};
    row.counted.expertReads = {0, 3};
    row.counted.logits = 1;
    const model::WeightReads weights{1000, 10, 300, {0, 50}};
    const auto kv = [](const TokenPass& pass) { return static_cast<std::uint64_t>(pass.first + pass.tokens); };
    EXPECT_DOUBLE_EQ(bytesPerToken(row, weights, kv), (2 * 1000 + 6 * 10 + 300 + 3 * 50 + 4 + 6) / 6.0);
}

TEST(SpeedSpread, IsMedianLeastAndMost) {
    const auto odd = spreadOf({3, 1, 2});
    EXPECT_EQ(odd.median, 2);
    EXPECT_EQ(odd.min, 1);
    EXPECT_EQ(odd.max, 3);
    EXPECT_EQ(spreadOf({4, 1, 2, 3}).median, 2.5);
    EXPECT_EQ(spreadOf({7}).median, 7);
}

} // namespace
} // namespace bathy::evaluate
