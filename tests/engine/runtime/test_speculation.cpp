// Guessing tokens ahead changes when they come and nothing else.
#include "tests/engine/runtime/loop_fixture.h"

#include <gmock/gmock.h>

namespace bathy::runtime {
namespace {

using namespace std::chrono_literals;
using telemetry::GuessOutcome;
using test::FakeGuesses;

class Speculation : public LoopFixture {
protected:
    static api::Generate guessing(std::uint64_t id, int speculate, std::vector<TokenId> prompt,
                                  std::int64_t maxTokens) {
        auto command = greedy(id, std::move(prompt), maxTokens);
        command.speculate = speculate;
        return command;
    }
    api::GenerationFinished run(const api::Generate& command) {
        m_loop->post(command);
        return until<api::GenerationFinished>();
    }
    std::vector<telemetry::TokenEvent> generated() const {
        auto all = records<telemetry::TokenEvent>();
        std::erase_if(all, [](const auto& token) { return token.phase == telemetry::TokenPhase::Prompt; });
        return all;
    }
};

TEST_F(Speculation, AnyNumberOfGuesses_rightOrWrong_givesTheSameTokens) {
    for (const auto guesses : {FakeGuesses::Right, FakeGuesses::Wrong, FakeGuesses::EverySecond}) {
        start({.guesses = guesses});
        std::uint64_t id = 0;
        for (const int speculate : {0, 1, 2, 3, 7, -1}) {
            for (const float temperature : {0.0F, 0.7F}) {
                auto command = guessing(++id, api::kSpeculateOff, tokens(3, 20), 60);
                command.sampling.temperature = temperature;
                command.sampling.repetitionPenalty = temperature > 0 ? 1.2F : 1.0F;
                command.sampling.seed = 77;
                const auto plain = run(command);
                EXPECT_EQ(plain.speculation.guessed, 0);
                command = guessing(++id, speculate, tokens(3, 20), 60);
                command.sampling.temperature = temperature;
                command.sampling.repetitionPenalty = temperature > 0 ? 1.2F : 1.0F;
                command.sampling.seed = 77;
                const auto with = run(command);
                EXPECT_EQ(with.tokens, plain.tokens) << speculate << " guesses at " << temperature;
                EXPECT_EQ(with.generatedTokens, 60);
                if (speculate != api::kSpeculateAuto) { // which may find that it does not pay
                    EXPECT_EQ(with.speculation.guessed > 0, speculate > 0);
                }
            }
        }
        TearDown();
    }
}

TEST_F(Speculation, TokensSayWhatBecameOfTheirGuess) {
    start({.guesses = FakeGuesses::EverySecond});
    const auto finished = run(guessing(1, 2, tokens(0, 11), 50));
    const auto told = generated();
    ASSERT_EQ(told.size(), 50U);
    std::int64_t right = 0;
    for (std::size_t i = 0; i < told.size(); ++i) {
        EXPECT_EQ(told[i].token, finished.tokens[i]);
        EXPECT_EQ(raw(told[i].position), 11 + static_cast<std::int64_t>(i));
        if (told[i].guess != GuessOutcome::None) {
            EXPECT_EQ(told[i].guess == GuessOutcome::Right, told[i].guessed == told[i].token) << i;
        }
        right += told[i].guess == GuessOutcome::Right ? 1 : 0;
    }
    EXPECT_GT(right, 10);
    EXPECT_EQ(finished.speculation.right, right);
    EXPECT_GE(finished.speculation.guessed, 2 * right);
}

TEST_F(Speculation, RecordsHoldOnlyTokensThatStayed) {
    start({.guesses = FakeGuesses::EverySecond});
    const auto prompt = tokens(0, 20);
    const auto finished = run(guessing(1, 3, prompt, 40));
    auto sequence = prompt;
    sequence.insert(sequence.end(), finished.tokens.begin(), finished.tokens.end());
    const auto routed = records<telemetry::RoutingEvent>();
    EXPECT_EQ(routed.size(), 59U * 3); // each once a layer; the last token was not fed
    for (const auto& event : routed)
        EXPECT_EQ(event.token, sequence[static_cast<std::size_t>(raw(event.position))]);
    EXPECT_EQ(records<telemetry::KvEvent>().back().tokens, 59);
}

TEST_F(Speculation, SessionGoesOnAsAfterPlainSteps) {
    start({.guesses = FakeGuesses::Right});
    auto conversation = tokens(0, 40);
    const auto answer = run(guessing(1, 3, conversation, 10)).tokens;
    conversation.insert(conversation.end(), answer.begin(), answer.end());
    const auto more = tokens(5, 6);
    conversation.insert(conversation.end(), more.begin(), more.end());
    const auto finished = run(guessing(2, 3, conversation, 5));
    EXPECT_EQ(finished.reusedTokens, 49);
    EXPECT_EQ(finished.tokens, expected(conversation, 5));
}

TEST_F(Speculation, EndToken_thatWasGuessed_endsTheAnswer) {
    start({});
    const auto prompt = tokens(1, 5);
    const auto answer = expected(prompt, 40);
    const auto end = answer[17];
    const auto first = std::find(answer.begin(), answer.end(), end) - answer.begin();
    TearDown();
    for (const int speculate : {1, 2, 3, 4}) {
        m_events.clear();
        m_seen = 0;
        m_endTokens = {end};
        start({.guesses = FakeGuesses::Right});
        const auto finished = run(guessing(1, speculate, prompt, 40));
        EXPECT_EQ(finished.reason, api::FinishReason::EndToken);
        EXPECT_EQ(finished.generatedTokens, first + 1);
        EXPECT_EQ(records<telemetry::KvEvent>().back().tokens, 5 + first);
        TearDown();
    }
}

TEST_F(Speculation, LimitsHoldToTheToken) {
    start({.contextLength = 64, .guesses = FakeGuesses::Right});
    std::uint64_t id = 0;
    for (const std::int64_t most : {1, 2, 5, 6, 7, 8, 9})
        EXPECT_EQ(run(guessing(++id, 3, tokens(0, 20), most)).generatedTokens, most);
    for (int prompt = 50; prompt < 58; ++prompt) {
        const auto finished = run(guessing(++id, 3, tokens(1, prompt), 0));
        EXPECT_EQ(finished.reason, api::FinishReason::ContextFull);
        EXPECT_EQ(finished.generatedTokens, 64 - prompt);
    }
}

TEST_F(Speculation, Auto_stopsWhereItLoses_andGainsWhereItCan) {
    start({.guesses = FakeGuesses::Wrong, .perGuess = 1000us, .perStep = 2000us});
    const auto losing = run(guessing(1, api::kSpeculateAuto, tokens(0, 10), 150));
    EXPECT_GT(losing.speculation.guessed, 0);
    EXPECT_LT(losing.speculation.guessed, 20);
    EXPECT_LT(losing.speculation.gainedSeconds, 0);
    TearDown();
    start({.guesses = FakeGuesses::Right, .perGuess = 200us, .perStep = 2000us});
    const auto gaining = run(guessing(1, api::kSpeculateAuto, tokens(0, 10), 150));
    EXPECT_GT(gaining.speculation.right, 80);
    EXPECT_GT(gaining.speculation.gainedSeconds, 0);
}

TEST_F(Speculation, ModelsThatCannotGuess_areServedAllTheSame) {
    start({});
    const auto finished = run(guessing(1, 3, tokens(0, 20), 30));
    EXPECT_EQ(finished.tokens, expected(tokens(0, 20), 30));
    EXPECT_EQ(finished.speculation.guessed, 0);
}

TEST_F(Speculation, NumbersOutOfRange_areRefusedBySentence) {
    start({.guesses = FakeGuesses::Right});
    for (const int speculate : {-2, 8}) {
        m_loop->post(guessing(1, speculate, tokens(0, 5), 5));
        const auto error = until<api::Failed>().error;
        EXPECT_EQ(error.code(), ErrorCode::BadArgument);
        EXPECT_THAT(error.what(), testing::HasSubstr("the limit is 7"));
    }
}

} // namespace
} // namespace bathy::runtime
