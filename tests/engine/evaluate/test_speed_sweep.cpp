#include "engine/evaluate/speed_sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bathy::evaluate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SpeedSweep sweepOf(std::vector<std::int64_t> prefill, std::vector<std::int64_t> decode,
                   std::vector<std::int64_t> depths) {
    SpeedSweep sweep;
    sweep.prefill = std::move(prefill);
    sweep.decode = std::move(decode);
    sweep.depths = std::move(depths);
    return sweep;
}

TEST(SpeedSweep, Cases_areEveryLengthAtEveryDepthOnce) {
    const auto cases = casesOf(sweepOf({64, 16, 64}, {8}, {100, 0}));
    EXPECT_THAT(cases, ElementsAre(SpeedCase{SpeedTest::Prefill, 16, 0}, SpeedCase{SpeedTest::Prefill, 64, 0},
                                   SpeedCase{SpeedTest::Decode, 8, 0}, SpeedCase{SpeedTest::Prefill, 16, 100},
                                   SpeedCase{SpeedTest::Prefill, 64, 100}, SpeedCase{SpeedTest::Decode, 8, 100}));
}

TEST(SpeedSweep, Runs_goBackAndForthAfterOneRoundThatWarmsUp) {
    EXPECT_THAT(runsOf(3, 2),
                ElementsAre(SpeedRun{0, 0}, SpeedRun{0, 1}, SpeedRun{0, 2}, SpeedRun{1, 2}, SpeedRun{1, 1},
                            SpeedRun{1, 0}, SpeedRun{2, 0}, SpeedRun{2, 1}, SpeedRun{2, 2}));
    EXPECT_TRUE(runsOf(0, 5).empty());
}

TEST(SpeedSweep, Tokens_countEveryRunAndTheDeepestContextOnce) {
    auto sweep = sweepOf({10}, {3}, {0, 50});
    sweep.repeats = 4;
    EXPECT_EQ(tokensOf(sweep), 5 * 2 * (10 + 3) + 50);
}

TEST(SpeedSweep, Check_refusesWhatCannotBeMeasured) {
    const auto refusal = [](const SpeedSweep& sweep) {
        const auto checked = checkSweep(sweep, 100);
        EXPECT_FALSE(checked);
        EXPECT_EQ(checked.error().code(), ErrorCode::BadArgument);
        return checked.error().what();
    };
    EXPECT_TRUE(checkSweep(sweepOf({40}, {60}, {0, 40}), 100));
    EXPECT_THAT(refusal(sweepOf({40}, {61}, {0, 40})), HasSubstr("61 tokens at depth 40"));
    EXPECT_THAT(refusal(sweepOf({}, {}, {0})), HasSubstr("nothing to measure"));
    EXPECT_THAT(refusal(sweepOf({1}, {1}, {})), HasSubstr("nothing to measure"));
    EXPECT_THAT(refusal(sweepOf({0}, {1}, {0})), HasSubstr("at least 1"));
    EXPECT_THAT(refusal(sweepOf({1}, {1}, {-1})), HasSubstr("at least 0"));
    EXPECT_THAT(refusal(sweepOf({1}, {1}, {std::int64_t{1} << 62})), HasSubstr("do not fit"));
    auto none = sweepOf({1}, {1}, {0});
    none.repeats = 0;
    EXPECT_THAT(refusal(none), HasSubstr("at least 1"));
}

} // namespace
} // namespace bathy::evaluate
