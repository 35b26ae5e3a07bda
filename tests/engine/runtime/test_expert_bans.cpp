// Experts banned for one request: what the session remembers must not leak from one set of bans into another.
#include "tests/engine/runtime/loop_fixture.h"

#include <gmock/gmock.h>

namespace bathy::runtime {
namespace {

class ExpertBans : public LoopFixture {
protected:
    static api::Generate banning(std::uint64_t id, std::vector<TokenId> prompt, std::vector<ExpertRef> bans) {
        auto command = greedy(id, std::move(prompt), 6);
        command.bannedExperts = std::move(bans);
        return command;
    }
    api::GenerationFinished run(const api::Generate& command) {
        m_loop->post(command);
        return until<api::GenerationFinished>();
    }

    static constexpr ExpertRef kOne{LayerId{0}, ExpertId{3}};
    static constexpr ExpertRef kTwo{LayerId{2}, ExpertId{7}};
};

TEST_F(ExpertBans, ReachTheModel_inPromptAndAnswer) {
    start({});
    EXPECT_EQ(run(banning(1, tokens(0, 40), {kOne})).tokens, expected(tokens(0, 40), 6, {kOne}));
    EXPECT_NE(expected(tokens(0, 40), 6, {kOne}), expected(tokens(0, 40), 6));
}

TEST_F(ExpertBans, OtherBans_reuseNothing) {
    start({});
    run(banning(1, tokens(0, 40), {}));
    const auto with = run(banning(2, tokens(0, 40), {kOne}));
    EXPECT_EQ(with.reusedTokens, 0);
    EXPECT_EQ(with.tokens, expected(tokens(0, 40), 6, {kOne}));
    const auto other = run(banning(3, tokens(0, 40), {kTwo}));
    EXPECT_EQ(other.reusedTokens, 0);
    EXPECT_EQ(other.tokens, expected(tokens(0, 40), 6, {kTwo}));
    const auto without = run(banning(4, tokens(0, 40), {}));
    EXPECT_EQ(without.reusedTokens, 0);
    EXPECT_EQ(without.tokens, expected(tokens(0, 40), 6));
}

TEST_F(ExpertBans, TheSameBans_inAnyOrderAndTwice_reuseAll) {
    start({});
    run(banning(1, tokens(0, 40), {kOne, kTwo}));
    const auto again = run(banning(2, tokens(0, 40), {kTwo, kOne, kTwo}));
    EXPECT_EQ(again.reusedTokens, 39); // all but the one whose logits are needed
    EXPECT_EQ(again.tokens, expected(tokens(0, 40), 6, {kOne, kTwo}));
}

TEST_F(ExpertBans, GenerationStarted_saysWhichAreInForce) {
    start({});
    m_loop->post(banning(1, tokens(0, 5), {kTwo, kOne, kTwo}));
    EXPECT_THAT(until<api::GenerationStarted>().bannedExperts, testing::ElementsAre(kOne, kTwo));
}

TEST_F(ExpertBans, Probe_seesTheSessionsBans) {
    start({});
    run(banning(1, tokens(0, 40), {kOne}));
    m_loop->post(api::Probe{api::RequestId{20}, 1, SessionId{1}, api::ProbeKind::Logits, Position{30}, LayerId{0}, 1});
    const auto all = tokens(0, 40);
    EXPECT_EQ(until<api::ProbeAnswer>().logits.at(0).token, m_model->next(std::span(all).first(31), std::vector{kOne}));
}

TEST_F(ExpertBans, OutsideTheModel_areRefusedBySentence) {
    start({});
    const auto refused = [&](std::int32_t layer, std::int32_t expert) {
        m_loop->post(banning(1, tokens(0, 5), {kOne, {LayerId{layer}, ExpertId{expert}}}));
        const auto error = until<api::Failed>().error;
        EXPECT_EQ(error.code(), ErrorCode::BadArgument);
        return error.what();
    };
    EXPECT_EQ(refused(3, 0), "banned expert 3:0 is in no layer of the model; they are numbered 0 to 2");
    EXPECT_EQ(refused(-1, 0), "banned expert -1:0 is in no layer of the model; they are numbered 0 to 2");
    EXPECT_EQ(refused(2, 8), "banned expert 2:8 is not in its layer; experts are numbered 0 to 7");
    EXPECT_EQ(refused(2, -1), "banned expert 2:-1 is not in its layer; experts are numbered 0 to 7");
    EXPECT_EQ(run(banning(2, tokens(0, 5), {})).tokens, expected(tokens(0, 5), 6));
}

} // namespace
} // namespace bathy::runtime
