#include "app/models/range_totals.h"
#include "app/models/run_recorder.h"
#include "app/models/run_selection.h"
#include "tests/support/sample_run.h"

#include <gtest/gtest.h>

namespace bathy::models {
namespace {

using testing::SampleShape;

void expectSame(const ExpertTotals& left, const ExpertTotals& right) {
    ASSERT_EQ(left.layers(), right.layers());
    ASSERT_EQ(left.experts(), right.experts());
    for (int layer = 0; layer < left.layers(); ++layer)
        for (int expert = 0; expert < left.experts(); ++expert) {
            ASSERT_EQ(left.count(layer, expert), right.count(layer, expert));
            ASSERT_NEAR(left.weightSum(layer, expert), right.weightSum(layer, expert), 1e-9);
        }
}

ExpertTotals counted(const RunData& run, bridge::TokenRange range) {
    ExpertTotals totals(run.layers, run.experts);
    run.addTotals(totals, range.begin, range.end);
    return totals;
}

struct RangeTotalsTest : ::testing::Test {
    RangeTotalsTest() {
        shape.generated = 3000;
        recorder.applyAll(testing::sampleRun(shape));
    }
    SampleShape shape;
    RunRecorder recorder;
    RangeTotals cache;
};

TEST_F(RangeTotalsTest, GrowingRange_equalsCountingAnew) {
    auto end = std::int64_t{24};
    for (const std::int64_t step : {100, 900, 1500, 200, 0}) {
        end += step;
        const bridge::TokenRange range{24, end};
        expectSame(*cache.of(recorder.snapshot(), range), counted(*recorder.snapshot(), range));
    }
}

TEST_F(RangeTotalsTest, ShrinkingOrMovingRange_startsAnew) {
    for (const bridge::TokenRange range : {bridge::TokenRange{24, 3000}, {24, 100}, {50, 60}, {24, 3000}, {7, 7}})
        expectSame(*cache.of(recorder.snapshot(), range), counted(*recorder.snapshot(), range));
}

TEST_F(RangeTotalsTest, WholeConversation_isTheSnapshotsOwn) {
    const auto run = recorder.snapshot();
    EXPECT_EQ(cache.of(run, {0, run->tokenCount}), run->totals);
}

TEST_F(RangeTotalsTest, TokensTakenBack_areNotCountedAnyMore) {
    static_cast<void>(cache.of(recorder.snapshot(), {24, 3000}));
    api::GenerationStarted started;
    started.session = SessionId{1};
    started.generation = GenerationId{2};
    started.promptTokens = started.reusedTokens = 30;
    recorder.apply(started);
    const auto run = recorder.snapshot();
    expectSame(*cache.of(run, {24, 30}), counted(*run, {24, 30}));
}

TEST_F(RangeTotalsTest, Selection_isKeptWithinTheConversation) {
    bridge::Selection selection;
    keepSelectionWithin(recorder, selection);
    EXPECT_EQ(selection.state().session, SessionId{1});
    EXPECT_EQ(selection.tokenCount(), 3024);
    selection.selectToken(3000);
    api::GenerationStarted started;
    started.session = SessionId{1};
    started.generation = GenerationId{2};
    started.promptTokens = started.reusedTokens = 30;
    recorder.apply(started);
    EXPECT_TRUE(selection.state().tokens.isEmpty());
    EXPECT_EQ(selection.tokenCount(), 30);
    recorder.apply(api::SessionClosed{{}, SessionId{1}});
    EXPECT_EQ(selection.state().session, SessionId{});
}

} // namespace
} // namespace bathy::models
