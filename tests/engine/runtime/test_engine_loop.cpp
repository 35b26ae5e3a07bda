#include "tests/engine/runtime/loop_fixture.h"

#include <gmock/gmock.h>

namespace bathy::runtime {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class EngineLoopTest : public LoopFixture {};

TEST_F(EngineLoopTest, Generate_givesTheModelsTokensInOrder) {
    start({});
    const auto prompt = tokens(3, 20);
    m_loop->post(greedy(1, prompt, 12));
    const auto finished = until<api::GenerationFinished>();
    EXPECT_EQ(finished.tokens, expected(prompt, 12));
    EXPECT_EQ(finished.reason, api::FinishReason::MaxTokens);
    EXPECT_EQ(finished.promptTokens, 20);
    EXPECT_EQ(finished.generatedTokens, 12);

    const auto told = records<telemetry::TokenEvent>();
    ASSERT_EQ(told.size(), 32U);
    for (std::size_t i = 0; i < told.size(); ++i) {
        EXPECT_EQ(raw(told[i].position), static_cast<std::int64_t>(i));
        EXPECT_EQ(told[i].phase, i < 20 ? telemetry::TokenPhase::Prompt : telemetry::TokenPhase::Generated);
        EXPECT_EQ(told[i].token, i < 20 ? prompt[i] : finished.tokens[i - 20]);
    }
    // Every token that was fed was routed in every layer; the last one was not fed.
    EXPECT_EQ(records<telemetry::RoutingEvent>().size(), 31U * 3);
    EXPECT_EQ(records<telemetry::KvEvent>().back().tokens, 31);
}

TEST_F(EngineLoopTest, EndToken_endsTheAnswer) {
    start({});
    const auto prompt = tokens(1, 5);
    const auto answer = expected(prompt, 30);
    TearDown();
    m_events.clear();
    m_seen = 0;
    m_endTokens = {answer[7]};
    const auto first = std::find(answer.begin(), answer.end(), answer[7]) - answer.begin();
    start({});
    m_loop->post(greedy(1, prompt, 30));
    const auto finished = until<api::GenerationFinished>();
    EXPECT_EQ(finished.reason, api::FinishReason::EndToken);
    EXPECT_EQ(finished.generatedTokens, first + 1);
}

TEST_F(EngineLoopTest, NextTurn_feedsOnlyWhatIsNew) {
    start({});
    auto conversation = tokens(0, 40);
    m_loop->post(greedy(1, conversation, 10));
    const auto answer = until<api::GenerationFinished>().tokens;
    conversation.insert(conversation.end(), answer.begin(), answer.end());
    const auto more = tokens(5, 6);
    conversation.insert(conversation.end(), more.begin(), more.end());
    const auto fedBefore = m_model->fed;
    m_loop->post(greedy(2, conversation, 1));
    const auto finished = until<api::GenerationFinished>();
    EXPECT_EQ(finished.reusedTokens, 49); // the last sampled token was not fed yet
    EXPECT_EQ(m_model->fed - fedBefore, 7U);
    EXPECT_EQ(finished.tokens, expected(conversation, 1));
}

TEST_F(EngineLoopTest, Regenerate_goesBackToTheCheckpointBeforeTheAnswer) {
    start({});
    const auto prompt = tokens(0, 600);
    m_loop->post(greedy(1, prompt, 50));
    const auto first = until<api::GenerationFinished>();
    m_loop->post(greedy(2, prompt, 50));
    const auto second = until<api::GenerationFinished>();
    EXPECT_EQ(second.reusedTokens, 598);
    EXPECT_EQ(second.tokens, first.tokens);
}

TEST_F(EngineLoopTest, OtherPrompt_sharesNothingAndIsRight) {
    start({});
    m_loop->post(greedy(1, tokens(0, 30), 5));
    until<api::GenerationFinished>();
    const auto other = tokens(1, 30);
    m_loop->post(greedy(2, other, 5));
    const auto finished = until<api::GenerationFinished>();
    EXPECT_EQ(finished.reusedTokens, 0);
    EXPECT_EQ(finished.tokens, expected(other, 5));
}

TEST_F(EngineLoopTest, TwoSessions_takeTurnsAndKeepApart) {
    start({.perToken = 200us});
    m_loop->post(api::OpenSession{api::RequestId{3}, SessionId{2}, {}});
    m_loop->post(greedy(1, tokens(0, 10), 40, SessionId{1}));
    m_loop->post(greedy(2, tokens(1, 10), 40, SessionId{2}));
    const auto first = until<api::GenerationFinished>();
    const auto second = until<api::GenerationFinished>();
    EXPECT_EQ((first.generation == GenerationId{1} ? first : second).tokens, expected(tokens(0, 10), 40));
    EXPECT_EQ((first.generation == GenerationId{1} ? second : first).tokens, expected(tokens(1, 10), 40));
    // Interleaved: neither waits for the other's end.
    int switches = 0;
    GenerationId last{};
    for (const auto& token : records<telemetry::TokenEvent>()) {
        switches += token.generation != last ? 1 : 0;
        last = token.generation;
    }
    EXPECT_GT(switches, 60);
}

TEST_F(EngineLoopTest, CancelInPrefill_answersWithin300ms) {
    start({.contextLength = 100'000, .perToken = 1000us});
    m_loop->post(greedy(1, tokens(0, 20'000), 5));
    until<api::Progress>([](const auto& p) { return p.stage == api::Stage::Prefill; });
    const auto asked = Clock::now();
    m_loop->post(api::Cancel{api::RequestId{9}, api::RequestId{101}});
    const auto finished = until<api::GenerationFinished>();
    EXPECT_LT(Clock::now() - asked, 300ms);
    EXPECT_EQ(finished.reason, api::FinishReason::Cancelled);
    EXPECT_TRUE(finished.tokens.empty());
    // The session goes on from what it holds.
    m_loop->post(greedy(2, tokens(0, 600), 2));
    EXPECT_EQ(until<api::GenerationFinished>().tokens, expected(tokens(0, 600), 2));
}

TEST_F(EngineLoopTest, CancelInDecode_keepsWhatWasSaid) {
    start({.perToken = 5000us});
    m_loop->post(greedy(1, tokens(0, 4), 0));
    until<api::Records>([this](const auto&) { return records<telemetry::TokenEvent>().size() > 10; });
    const auto asked = Clock::now();
    m_loop->post(api::Cancel{api::RequestId{9}, api::RequestId{101}});
    const auto finished = until<api::GenerationFinished>();
    EXPECT_LT(Clock::now() - asked, 300ms);
    EXPECT_EQ(finished.reason, api::FinishReason::Cancelled);
    EXPECT_EQ(finished.tokens, expected(tokens(0, 4), static_cast<int>(finished.tokens.size())));
}

TEST_F(EngineLoopTest, CancelOfOne_doesNotHurtTheOther) {
    start({.perToken = 2000us});
    m_loop->post(api::OpenSession{api::RequestId{3}, SessionId{2}, {}});
    m_loop->post(greedy(1, tokens(0, 300), 20, SessionId{1}));
    m_loop->post(greedy(2, tokens(1, 300), 20, SessionId{2}));
    std::this_thread::sleep_for(50ms);
    m_loop->post(api::Cancel{api::RequestId{9}, api::RequestId{102}});
    const auto stopped = until<api::GenerationFinished>();
    EXPECT_EQ(stopped.generation, GenerationId{2});
    EXPECT_EQ(until<api::GenerationFinished>().tokens, expected(tokens(0, 300), 20));
}

TEST_F(EngineLoopTest, CancelInLoad_answersWithin300ms) {
    start({});
    m_loop->post(api::LoadModel{api::RequestId{7}, {"slow", "cpu", 0}});
    until<api::Progress>([](const auto& p) { return p.stage == api::Stage::Load; });
    const auto asked = Clock::now();
    m_loop->post(api::Cancel{api::RequestId{9}, api::RequestId{7}});
    const auto failed = until<api::Failed>();
    EXPECT_LT(Clock::now() - asked, 300ms);
    EXPECT_TRUE(failed.error.isCancelled());
    EXPECT_EQ(failed.request, api::RequestId{7});
}

TEST_F(EngineLoopTest, BusySession_refusesASecondRequest) {
    start({.perToken = 1000us});
    m_loop->post(greedy(1, tokens(0, 10), 0));
    m_loop->post(greedy(2, tokens(0, 10), 5));
    EXPECT_EQ(until<api::Failed>().error.code(), ErrorCode::Busy);
    m_loop->post(api::CloseSession{api::RequestId{5}, SessionId{1}});
    EXPECT_EQ(until<api::GenerationFinished>().reason, api::FinishReason::Cancelled);
    until<api::SessionClosed>();
}

TEST_F(EngineLoopTest, WrongRequests_failWithoutHarm) {
    start({});
    const auto codeOf = [&](api::Command command) {
        m_loop->post(std::move(command));
        return until<api::Failed>().error.code();
    };
    EXPECT_EQ(codeOf(greedy(1, {}, 5)), ErrorCode::BadArgument);
    EXPECT_EQ(codeOf(greedy(1, {TokenId{64}}, 5)), ErrorCode::BadArgument);
    EXPECT_EQ(codeOf(greedy(1, {TokenId{-1}}, 5)), ErrorCode::BadArgument);
    EXPECT_EQ(codeOf(greedy(1, tokens(0, 5), 5, SessionId{77})), ErrorCode::BadArgument);
    EXPECT_EQ(codeOf(greedy(1, tokens(0, 5000), 5)), ErrorCode::ContextFull);
    EXPECT_EQ(codeOf(api::OpenSession{api::RequestId{3}, SessionId{1}, {}}), ErrorCode::BadArgument);
    EXPECT_EQ(codeOf(api::OpenSession{api::RequestId{3}, SessionId{0}, {}}), ErrorCode::BadArgument);
    auto hot = greedy(1, tokens(0, 5), 5);
    hot.sampling.temperature = -1;
    EXPECT_EQ(codeOf(hot), ErrorCode::BadArgument);
    auto text = greedy(1, {}, 5);
    text.prompt = api::TextPrompt{"hello", false};
    EXPECT_EQ(codeOf(text), ErrorCode::NoTokenizer);
    m_loop->post(greedy(1, tokens(0, 5), 5));
    EXPECT_EQ(until<api::GenerationFinished>().tokens, expected(tokens(0, 5), 5));
}

TEST_F(EngineLoopTest, ContextLimit_endsTheAnswer) {
    start({.contextLength = 32});
    m_loop->post(greedy(1, tokens(0, 20), 0));
    const auto finished = until<api::GenerationFinished>();
    EXPECT_EQ(finished.reason, api::FinishReason::ContextFull);
    EXPECT_EQ(finished.generatedTokens, 12);
}

TEST_F(EngineLoopTest, Recording_onOrOff_givesTheSameTokens) {
    start({});
    m_loop->post(greedy(1, tokens(0, 20), 20));
    const auto with = until<api::GenerationFinished>();
    const auto routed = records<telemetry::RoutingEvent>().size();
    m_loop->post(api::SetRecording{api::RequestId{0}, false, false});
    m_loop->post(greedy(2, tokens(1, 1), 1));
    until<api::GenerationFinished>();
    m_loop->post(greedy(3, tokens(0, 20), 20));
    EXPECT_EQ(until<api::GenerationFinished>().tokens, with.tokens);
    EXPECT_EQ(records<telemetry::RoutingEvent>().size(), routed);
}

TEST_F(EngineLoopTest, SlowConsumer_losesRoutingButNoToken) {
    start({.layers = 16});
    // Nobody reads until the run is over: far more records than the ring holds.
    m_loop->post(greedy(1, tokens(0, 2000), 1000));
    std::this_thread::sleep_for(300ms);
    const auto finished = until<api::GenerationFinished>();
    EXPECT_EQ(finished.generatedTokens, 1000);
    EXPECT_EQ(records<telemetry::TokenEvent>().size(), 3000U);
    m_loop->post(greedy(2, tokens(1, 2), 3));
    until<api::GenerationFinished>();
    const auto drops = records<telemetry::DropEvent>();
    ASSERT_FALSE(drops.empty());
    EXPECT_EQ(drops.back().droppedRouting + records<telemetry::RoutingEvent>().size(), (2999U + 4) * 16);
}

TEST_F(EngineLoopTest, Probe_answersPastPositionsAndNewestTagWins) {
    start({.perToken = 500us});
    const auto prompt = tokens(0, 200);
    m_loop->post(greedy(1, prompt, 30));
    until<api::GenerationFinished>();
    m_loop->post(greedy(2, tokens(2, 400), 30)); // keeps the engine busy while the probes queue up
    const auto ask = [&](std::uint64_t request, std::int64_t position, api::ProbeKind kind) {
        m_loop->post(api::Probe{api::RequestId{request}, 5, SessionId{1}, kind, Position{position}, LayerId{1}, 2});
    };
    until<api::GenerationFinished>();
    ask(20, 10, api::ProbeKind::Logits);
    ask(21, 20, api::ProbeKind::Logits);
    ask(22, 399, api::ProbeKind::IndexerPicks);
    const auto answer = until<api::ProbeAnswer>();
    EXPECT_EQ(answer.request, api::RequestId{22});
    EXPECT_EQ(answer.position, Position{399});
    ASSERT_EQ(answer.entries.size(), 2U); // the two best of three
    EXPECT_EQ(answer.entries[0].entry, 1);
    EXPECT_EQ(answer.entries[0].firstToken, 4);
    EXPECT_EQ(answer.entries[0].endToken, 8);
    ask(23, 50, api::ProbeKind::Logits);
    const auto logits = until<api::ProbeAnswer>();
    ASSERT_EQ(logits.logits.size(), 2U);
    const auto all = tokens(2, 400);
    EXPECT_EQ(logits.logits[0].token, m_model->next(std::span(all).first(51)));
    ask(24, 5000, api::ProbeKind::Logits);
    EXPECT_EQ(until<api::Failed>().request, api::RequestId{24});
}

TEST_F(EngineLoopTest, Probe_forEvidence_hasEveryLayerAsTheProbesOfEachHaveIt) {
    start({});
    m_loop->post(greedy(1, tokens(0, 100), 5));
    until<api::GenerationFinished>();
    const auto ask = [&](std::uint64_t request, api::ProbeKind kind, LayerId layer) {
        m_loop->post(api::Probe{api::RequestId{request}, 5, SessionId{1}, kind, Position{60}, layer, 2});
        return until<api::ProbeAnswer>();
    };
    const auto evidence = ask(20, api::ProbeKind::Evidence, LayerId{9999});
    EXPECT_TRUE(evidence.entries.empty());
    ASSERT_EQ(std::ssize(evidence.layers), m_model->layerCount());
    for (const auto& layer : evidence.layers) {
        const auto one =
            ask(30 + static_cast<std::uint64_t>(raw(layer.layer)), api::ProbeKind::AttentionMass, layer.layer);
        ASSERT_EQ(layer.entries.size(), one.entries.size());
        ASSERT_FALSE(one.entries.empty());
        EXPECT_EQ(layer.entries[0].entry, one.entries[0].entry);
        EXPECT_EQ(layer.entries[0].value, one.entries[0].value);
        EXPECT_EQ(layer.window, one.window);
        EXPECT_EQ(layer.sink, one.sink);
    }
}

TEST_F(EngineLoopTest, PlanMemory_countsEachContext) {
    start({});
    m_loop->post(api::PlanMemory{api::RequestId{4}, {}, {100, 4096}, {}});
    const auto plan = until<api::MemoryPlan>();
    ASSERT_EQ(plan.plans.size(), 2U);
    EXPECT_EQ(plan.plans[1].kv.total(), 4096U * 16);
    m_loop->post(api::PlanMemory{api::RequestId{4}, {}, {5000}, {}});
    EXPECT_EQ(until<api::Failed>().error.code(), ErrorCode::BadArgument);
}

TEST_F(EngineLoopTest, PlanMemory_ofAModelOnDisk_readsItsHeaders) {
    start({});
    api::PlanMemory command{api::RequestId{4}, {}, {2048}, {}};
    command.model.path = BATHY_SOURCE_DIR "/resources/checkpoints/nano";
    command.model.reserveBytes = 12'345;
    m_loop->post(command);
    const auto plan = until<api::MemoryPlan>();
    EXPECT_EQ(plan.path, command.model.path);
    EXPECT_EQ(plan.reserveBytes, 12'345U);
    EXPECT_GT(plan.plans.front().kv.total(), 0U);
    command.model.path += "-that-is-not-there";
    m_loop->post(command);
    EXPECT_EQ(until<api::Failed>().request, api::RequestId{4});
}

TEST_F(EngineLoopTest, ListDevices_beginsWithTheProcessor) {
    start({});
    m_loop->post(api::ListDevices{api::RequestId{4}});
    const auto list = until<api::DeviceList>();
    ASSERT_GE(list.devices.size(), 3U);
    EXPECT_EQ(list.devices[0].id, "cpu");
    EXPECT_TRUE(list.devices[0].usable);
    for (const auto& device : list.devices)
        EXPECT_NE(device.usable, !device.reason.empty()) << device.id;
}

TEST_F(EngineLoopTest, LoadModel_endsRunningAnswersAndClosesSessions) {
    start({.perToken = 1000us});
    m_loop->post(greedy(1, tokens(0, 10), 0));
    until<api::GenerationStarted>();
    m_loop->post(api::UnloadModel{api::RequestId{8}});
    EXPECT_EQ(until<api::GenerationFinished>().reason, api::FinishReason::Cancelled);
    until<api::ModelUnloaded>();
    m_loop->post(greedy(2, tokens(0, 10), 3));
    EXPECT_EQ(until<api::Failed>().error.code(), ErrorCode::BadArgument);
}

} // namespace
} // namespace bathy::runtime
