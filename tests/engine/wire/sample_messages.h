// One message of every kind with every field away from its default, so that a field that is not carried shows.
#pragma once

#include "engine/api/commands.h"
#include "engine/api/events.h"

#include <string>
#include <vector>

namespace bathy::wire {

inline std::vector<api::Command> sampleCommands() {
    using namespace api;
    const SessionOptions session{Precision::Exact, KvFormat::PackedFp8Index, 4096, 64};
    const ChatPrompt chat{{{"user", "Grüße!", "", {"a document", "another"}}, {"assistant", "yes", "because", {}}},
                          {ThinkingMode::Thinking, "high", false}};
    const SamplingOptions sampling{0.5F, 40, 0.9F, 0.05F, 1.1F, 64, 0xFFFFFFFFFFFFFFFFULL, {"\n\n", "END"}, 17};
    return {
        LoadModel{RequestId{1}, {"/models/x", "cpu", 2}},
        UnloadModel{RequestId{2}},
        OpenSession{RequestId{3}, SessionId{7}, session},
        CloseSession{RequestId{4}, SessionId{7}},
        EncodePrompt{RequestId{5}, chat},
        EncodePrompt{RequestId{5}, TextPrompt{"raw", true}},
        Generate{RequestId{6},
                 SessionId{7},
                 GenerationId{9},
                 TokenPrompt{{TokenId{0}, TokenId{129279}}},
                 sampling,
                 {{LayerId{3}, ExpertId{17}}, {LayerId{0}, ExpertId{383}}},
                 3},
        Cancel{RequestId{8}, RequestId{6}},
        SetRecording{RequestId{9}, false, false},
        Probe{RequestId{10}, 3, SessionId{7}, ProbeKind::Logits, Position{1'000'000}, LayerId{42}, 5},
        PlanMemory{RequestId{11}, session, {4096, 131072, 1048576}, {"other", "cpu", 2, 7, true}},
        ListDevices{RequestId{12}},
        Shutdown{RequestId{13}},
        SaveSnapshot{RequestId{14}, SessionId{7}, "/snapshots", "a name"},
        RestoreSession{RequestId{15}, SessionId{8}, session, "/snapshots/0123456789abcdef.snapshot"},
        VerifySnapshot{RequestId{16}, "/snapshots/0123456789abcdef.snapshot"},
        ListSnapshots{RequestId{17}, "/snapshots"},
        DeleteSnapshots{RequestId{18}, "/snapshots", {"0123456789abcdef", "fedcba9876543210"}, 4096},
    };
}

inline telemetry::TokenEvent sampleToken() {
    telemetry::TokenEvent token;
    token.generation = GenerationId{9};
    token.position = Position{1234};
    token.token = TokenId{77};
    token.phase = telemetry::TokenPhase::Generated;
    token.beforeCount = 2;
    token.afterCount = 1;
    token.rank = 3;
    token.probability = 0.25F;
    token.sampledProbability = 0.5F;
    token.entropy = 1.5F;
    token.timeNs = -5;
    token.guess = telemetry::GuessOutcome::Wrong;
    token.guessed = TokenId{79};
    token.gainNs = -123'456;
    token.before[0] = {TokenId{77}, 0.25F};
    token.before[1] = {TokenId{78}, 0.125F};
    token.after[0] = {TokenId{77}, 1.0F};
    return token;
}

inline telemetry::RoutingEvent sampleRouting() {
    telemetry::RoutingEvent routing;
    routing.generation = GenerationId{9};
    routing.position = Position{1234};
    routing.token = TokenId{77};
    routing.layer = LayerId{42};
    routing.count = 3;
    routing.expert = {383, 0, 5};
    routing.weight = {1.25F, 0.75F, 0.5F};
    return routing;
}

inline std::vector<telemetry::Record> sampleRecords() {
    using namespace telemetry;
    TokenEvent prompt;
    prompt.generation = GenerationId{9};
    prompt.position = Position{3};
    prompt.token = TokenId{5};
    prompt.phase = TokenPhase::Prompt;
    return {sampleToken(),
            prompt,
            sampleRouting(),
            SpanEvent{SpanKind::Sampler, LayerId{-1}, 512, 10'000'000'000, 12},
            KvEvent{SessionId{7}, 100, {{1, 2, 3, 4, 5, 6, 7, 8, 9}}, 1ULL << 40},
            MemoryEvent{1, 2, 3},
            DropEvent{4, 5, 6, 7}};
}

inline api::ModelCard sampleCard() {
    api::ModelCard card;
    card.name = "nano";
    card.path = "/models/nano";
    card.family = "deepseek_v4";
    card.fingerprint = "0123456789abcdef";
    card.description = "A small one.";
    card.parametersTotal = 284'332'000'000;
    card.parametersActive = 13'270'000'000;
    card.weightBytes = 159'609'485'896;
    card.bytesByDtype = {{"F8_E4M3", 5}, {"BF16", 6}};
    card.contextLength = 1'048'576;
    card.vocabularySize = 129'280;
    card.hiddenSize = 4096;
    card.attentionHeads = 64;
    card.headDim = 512;
    card.slidingWindow = 128;
    card.indexTopK = 512;
    card.routedExperts = 256;
    card.expertsPerToken = 6;
    card.layers = {{api::AttentionKind::SlidingWindow, 0, api::RouterKind::Hash},
                   {api::AttentionKind::HeavilyCompressed, 128, api::RouterKind::Learned}};
    card.draftLayers = 1;
    card.kv = {{"packed 584 + FP4 68", 3514.25, 3'219'128}};
    card.memoryTotalBytes = 1ULL << 34;
    card.memoryAvailableBytes = 1ULL << 33;
    card.fits = true;
    card.hasTokenizer = true;
    card.chatFormat = "deepseek_v4";
    card.efforts = {"low", "high"};
    card.effortsMissingReason = "the checkpoint brings no encoding folder";
    card.warnings = {"provisional"};
    return card;
}

inline std::vector<api::Event> sampleEvents() {
    using namespace api;
    const std::vector<TokenId> tokens{TokenId{1}, TokenId{2}};
    const std::vector<std::string> texts{std::string("a\0b", 3), "\xE2\x82"}; // the second is half a character
    return {
        Progress{RequestId{1}, Stage::Prefill, 5, 10, 2.5, 2.0},
        ModelLoaded{RequestId{2}, sampleCard(), 0.75},
        ModelUnloaded{RequestId{3}},
        SessionOpened{RequestId{4}, SessionId{7}, KvFormat::Packed, 4096},
        SessionClosed{RequestId{5}, SessionId{7}},
        PromptEncoded{RequestId{6}, tokens, {{0, 1}, {1, 2}}, texts},
        GenerationStarted{
            RequestId{7}, GenerationId{9}, SessionId{7}, 12, 4, 99, {{0, 12}}, {{LayerId{3}, ExpertId{17}}}},
        TextDelta{GenerationId{9}, Position{13}, true, "hä"},
        GenerationFinished{RequestId{7},
                           GenerationId{9},
                           FinishReason::StopString,
                           12,
                           4,
                           2,
                           0.1,
                           0.2,
                           0.15,
                           {7, 5, -0.25},
                           tokens,
                           "text",
                           "reasoning"},
        TokenTexts{tokens, texts},
        ProbeAnswer{RequestId{8},
                    3,
                    ProbeKind::AttentionMass,
                    Position{5},
                    LayerId{2},
                    {{1, 4, 8, 0.5F}},
                    {0.25F, 0.125F},
                    0.125F,
                    {{TokenId{3}, -4.5F}},
                    {{LayerId{4}, {{2, 8, 12, 0.25F}}, {0.5F}, 0.0625F}}},
        MemoryPlan{RequestId{9},
                   1,
                   2,
                   3,
                   {{4096, {{1, 2, 3, 4, 5, 0, 6, 7, 8}}, 7, 8, 9}},
                   "path",
                   "name",
                   KvFormat::BF16,
                   4096,
                   {{"routed experts", 10, 11}},
                   12,
                   13,
                   14,
                   15},
        DeviceList{RequestId{10}, {{"cpu", "cpu", "Some CPU", true, "none", 1ULL << 34, {"avx2"}, "none"}}},
        Failed{RequestId{11}, Error(ErrorCode::BadFile, "what", "hint")},
        SnapshotSaved{RequestId{12}, SessionId{7}, "0123456789abcdef", "/snapshots/0123456789abcdef.snapshot", 300,
                      4096, 1024, 0.25},
        SessionRestored{RequestId{13},
                        SessionId{8},
                        Precision::Fast,
                        KvFormat::Packed,
                        4096,
                        300,
                        {TokenId{5}, TokenId{6}},
                        4096,
                        0.125},
        SnapshotVerified{RequestId{14}, 300, true, 0.5, 0.375},
        SnapshotList{RequestId{15},
                     {{"0123456789abcdef", "/snapshots/0123456789abcdef.snapshot", "a name", "nano", "42b804c19dee0134",
                       300, 4096, 1'700'000'000, "breaks off"}},
                     8192},
        SnapshotsDeleted{RequestId{16}, {"0123456789abcdef"}, 1024},
        Records{sampleRecords()},
    };
}

} // namespace bathy::wire
