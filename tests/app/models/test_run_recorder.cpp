#include "app/models/run_recorder.h"
#include "tests/support/sample_run.h"

#include <gtest/gtest.h>

namespace bathy::models {
namespace {

using telemetry::TokenPhase;
using testing::SampleShape;

// What the totals must be: counted anew from the tokens.
void expectTotalsMatchTokens(const RunData& run) {
    ExpertTotals counted(run.layers, run.experts);
    run.addTotals(counted, 0, run.tokenCount);
    ASSERT_EQ(counted.layers(), run.totals->layers());
    for (int layer = 0; layer < run.layers; ++layer)
        for (int expert = 0; expert < run.experts; ++expert) {
            ASSERT_EQ(counted.count(layer, expert), run.totals->count(layer, expert)) << layer << ' ' << expert;
            ASSERT_NEAR(counted.weightSum(layer, expert), run.totals->weightSum(layer, expert), 1e-9);
        }
}

api::Event startOf(SessionId session, GenerationId generation, std::int64_t prompt, std::int64_t reused) {
    api::GenerationStarted started;
    started.session = session;
    started.generation = generation;
    started.promptTokens = prompt;
    started.reusedTokens = reused;
    return started;
}

TEST(RunRecorder, SampleRun_keepsTokensRoutingMemoryAndTheAnswer) {
    const SampleShape shape;
    RunRecorder recorder;
    recorder.applyAll(testing::sampleRun(shape));
    ASSERT_EQ(recorder.current(), SessionId{1});
    const auto run = recorder.snapshot();
    ASSERT_TRUE(run);
    EXPECT_EQ(run->tokenCount, shape.prompt + shape.generated);
    EXPECT_EQ(run->layers, 6);
    EXPECT_EQ(run->experts, 16);
    ASSERT_EQ(run->answers.size(), 1U);
    EXPECT_EQ(run->answers[0].begin, shape.prompt);
    EXPECT_EQ(run->answers[0].end, shape.prompt + shape.generated);
    EXPECT_TRUE(run->answers[0].finished);
    EXPECT_FALSE(run->token(0)->isGenerated());
    EXPECT_EQ(run->alternatives(0), nullptr);
    ASSERT_NE(run->alternatives(shape.prompt), nullptr);
    EXPECT_EQ(run->alternatives(shape.prompt)->beforeCount, 10);
    EXPECT_EQ(run->routing(5, 3).size(), 2U);
    EXPECT_TRUE(run->routing(5, 99).empty());
    EXPECT_TRUE(run->routing(99999, 0).empty());
    EXPECT_EQ(run->kv->latest()->tokens, run->tokenCount);
    EXPECT_EQ(run->texts->bytes(TokenId{1}), " deep");
    EXPECT_EQ(recorder.stats().ignored, 0U);
    EXPECT_EQ(recorder.stats().tokens, 120U);
    expectTotalsMatchTokens(*run);
}

TEST(RunRecorder, Snapshot_isTheSameUntilSomethingChangesAndNeverChangesItself) {
    const SampleShape shape;
    RunRecorder recorder;
    recorder.applyAll(testing::sampleRun(shape));
    const auto before = recorder.snapshot();
    EXPECT_EQ(before, recorder.snapshot());
    const auto count = before->totals->layerCount(0);
    const auto position = before->tokenCount;
    recorder.apply(
        api::Records{testing::sampleToken(shape, GenerationId{1}, SessionId{1}, position, TokenPhase::Generated)});
    const auto after = recorder.snapshot();
    EXPECT_NE(before, after);
    EXPECT_EQ(before->tokenCount, position);
    EXPECT_EQ(before->token(position), nullptr);
    EXPECT_TRUE(before->routing(position, 0).empty());
    EXPECT_EQ(before->totals->layerCount(0), count);
    EXPECT_EQ(after->totals->layerCount(0), count + 2);
    EXPECT_EQ(before->chunks[0], after->chunks[0]) << "an old chunk must be shared, not copied";
}

TEST(RunRecorder, Regenerate_takesTheOldAnswerOutOfTokensTotalsAndMemory) {
    const SampleShape shape;
    RunRecorder recorder;
    recorder.applyAll(testing::sampleRun(shape));
    const auto before = recorder.snapshot();
    recorder.apply(startOf(SessionId{1}, GenerationId{2}, shape.prompt, shape.prompt - 1));
    auto run = recorder.snapshot();
    EXPECT_GT(run->epoch, before->epoch);
    EXPECT_EQ(run->tokenCount, shape.prompt - 1);
    ASSERT_EQ(run->answers.size(), 1U);
    EXPECT_EQ(run->answers[0].generation, GenerationId{2});
    EXPECT_LE(run->kv->latest()->tokens, shape.prompt - 1);
    expectTotalsMatchTokens(*run);
    EXPECT_EQ(run->totals->layerCount(0), 2U * (shape.prompt - 1));
    for (int p = shape.prompt - 1; p < 200; ++p)
        recorder.apply(api::Records{testing::sampleToken(
            shape, GenerationId{2}, SessionId{1}, p, p < shape.prompt ? TokenPhase::Prompt : TokenPhase::Generated)});
    run = recorder.snapshot();
    EXPECT_EQ(run->tokenCount, 200);
    expectTotalsMatchTokens(*run);
}

TEST(RunRecorder, RoutingToldTwice_countsOnce) {
    const SampleShape shape;
    RunRecorder recorder;
    recorder.applyAll(testing::sampleRun(shape));
    const auto before = recorder.snapshot()->totals->layerCount(2);
    recorder.apply(api::Records{testing::sampleToken(shape, GenerationId{1}, SessionId{1}, 30, TokenPhase::Generated)});
    EXPECT_EQ(recorder.snapshot()->totals->layerCount(2), before);
    expectTotalsMatchTokens(*recorder.snapshot());
}

TEST(RunRecorder, RoutingBudget_letsTheOldestGoAndKeepsTotals) {
    SampleShape shape;
    shape.generated = 1000;
    RunRecorder recorder(nullptr, 20'000);
    recorder.applyAll(testing::sampleRun(shape));
    auto run = recorder.snapshot();
    EXPECT_GT(run->routingKeptFrom, 500);
    EXPECT_TRUE(run->routing(0, 0).empty());
    EXPECT_EQ(run->routing(run->tokenCount - 1, 0).size(), 2U);
    EXPECT_EQ(run->totals->layerCount(0), 2U * 1024);

    recorder.apply(startOf(SessionId{1}, GenerationId{2}, 100, 100));
    run = recorder.snapshot();
    EXPECT_EQ(run->totalsFrom, 100);
    EXPECT_EQ(run->totals->layerCount(0), 0U) << "what the forgotten tokens had added cannot be known";
    recorder.apply(
        api::Records{testing::sampleToken(shape, GenerationId{2}, SessionId{1}, 100, TokenPhase::Generated)});
    EXPECT_EQ(recorder.snapshot()->totals->layerCount(0), 2U);
    recorder.apply(startOf(SessionId{1}, GenerationId{3}, 10, 0));
    EXPECT_EQ(recorder.snapshot()->totalsFrom, 0);
}

TEST(RunRecorder, ImpossibleRecords_areIgnoredAndCounted) {
    const SampleShape shape;
    RunRecorder recorder;
    recorder.applyAll(testing::sampleRun(shape));
    const auto before = recorder.snapshot();
    telemetry::TokenEvent token;
    token.generation = GenerationId{77};
    telemetry::TokenEvent far;
    far.generation = GenerationId{1};
    far.position = Position{std::int64_t{1} << 60};
    telemetry::TokenEvent negative = far;
    negative.position = Position{-1};
    telemetry::RoutingEvent routing;
    routing.generation = GenerationId{1};
    routing.layer = LayerId{100'000};
    telemetry::RoutingEvent crowd = routing;
    crowd.layer = LayerId{0};
    crowd.count = 255;
    telemetry::RoutingEvent expert = crowd;
    expert.count = 1;
    expert.expert[0] = 65'535;
    telemetry::KvEvent kv;
    kv.session = SessionId{99};
    telemetry::SpanEvent span;
    span.kind = static_cast<telemetry::SpanKind>(200);
    recorder.apply(api::Records{{token, far, negative, routing, crowd, expert, kv, span}});
    recorder.apply(startOf(SessionId{1}, GenerationId{5}, 5, 9));
    EXPECT_EQ(recorder.stats().ignored, 9U);
    EXPECT_EQ(recorder.snapshot(), before);
    EXPECT_EQ(recorder.snapshot(SessionId{99}), nullptr);
}

TEST(RunRecorder, AttachedLate_showsAGapAndNothingBreaks) {
    RunRecorder recorder;
    recorder.apply(startOf(SessionId{4}, GenerationId{1}, 5000, 4999));
    recorder.apply(api::Records{testing::sampleToken({}, GenerationId{1}, SessionId{4}, 5000, TokenPhase::Generated)});
    const auto run = recorder.snapshot(SessionId{4});
    EXPECT_EQ(run->tokenCount, 5001);
    EXPECT_EQ(run->token(10), nullptr);
    EXPECT_NE(run->token(5000), nullptr);
    EXPECT_EQ(run->layers, 6) << "without a card the shape is what was seen";
    expectTotalsMatchTokens(*run);
}

TEST(RunRecorder, DraftLayers_areNotCounted) {
    const SampleShape shape;
    RunRecorder recorder;
    recorder.applyAll(testing::sampleRun(shape));
    telemetry::RoutingEvent routing;
    routing.generation = GenerationId{1};
    routing.layer = LayerId{shape.layers};
    routing.count = 1;
    recorder.apply(api::Records{{routing}});
    EXPECT_EQ(recorder.snapshot()->layers, shape.layers);
}

TEST(RunRecorder, ModelLoaded_forgetsTheRunsOfTheOneBefore) {
    RunRecorder recorder;
    recorder.applyAll(testing::sampleRun({}));
    recorder.apply(testing::samplePlan({}, {4096}));
    int runs = 0;
    QObject::connect(&recorder, &RunRecorder::currentChanged, &recorder, [&runs] { ++runs; });
    recorder.apply(api::ModelLoaded{{}, testing::sampleCard(testing::flashShape()), 1});
    EXPECT_EQ(recorder.current(), SessionId{});
    EXPECT_EQ(recorder.snapshot(SessionId{1}), nullptr);
    EXPECT_EQ(recorder.memoryPlan(), nullptr);
    EXPECT_EQ(runs, 1);
}

} // namespace
} // namespace bathy::models
