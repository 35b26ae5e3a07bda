#include "app/models/session_tokens.h"

#include <gtest/gtest.h>

namespace bathy::models {
namespace {

api::Event started(std::uint64_t generation, std::uint64_t session, std::int64_t prompt, std::int64_t reused) {
    api::GenerationStarted event;
    event.generation = GenerationId{generation};
    event.session = SessionId{session};
    event.promptTokens = prompt;
    event.reusedTokens = reused;
    return event;
}

api::Event tokens(std::uint64_t generation, std::int64_t from, std::vector<int> ids) {
    api::Records records;
    for (const int id : ids) {
        telemetry::TokenEvent event;
        event.generation = GenerationId{generation};
        event.position = Position{from++};
        event.token = TokenId{id};
        records.records.emplace_back(event);
    }
    return records;
}

std::vector<int> ids(std::span<const TokenId> tokens) {
    std::vector<int> out;
    for (const auto token : tokens)
        out.push_back(raw(token));
    return out;
}

TEST(SessionTokens, Prompt_ofASecondTurn_holdsWhatTheSessionReused) {
    SessionTokens held;
    held.take(started(1, 7, 2, 0));
    held.take(tokens(1, 0, {10, 11}));
    held.take(tokens(1, 2, {20, 21}));
    EXPECT_EQ(ids(held.prompt(GenerationId{1}, 2)), (std::vector{10, 11}));
    held.take(started(2, 7, 5, 3));
    held.take(tokens(2, 3, {12, 13}));
    EXPECT_EQ(ids(held.prompt(GenerationId{2}, 5)), (std::vector{10, 11, 20, 12, 13}));
}

TEST(SessionTokens, Prompt_withAGapOrUnknown_isEmpty) {
    SessionTokens held;
    held.take(started(1, 7, 4, 0));
    held.take(tokens(1, 0, {10}));
    held.take(tokens(1, 2, {12, 13}));
    EXPECT_TRUE(held.prompt(GenerationId{1}, 4).empty());
    EXPECT_TRUE(held.prompt(GenerationId{2}, 1).empty());
    held.take(started(2, 8, 4, 3)); // reuses what was never seen
    EXPECT_TRUE(held.prompt(GenerationId{2}, 4).empty());
}

TEST(SessionTokens, SessionClosed_isForgotten) {
    SessionTokens held;
    held.take(started(1, 7, 1, 0));
    held.take(tokens(1, 0, {10}));
    held.take(api::SessionClosed{{}, SessionId{7}});
    EXPECT_TRUE(held.prompt(GenerationId{1}, 1).empty());
}

TEST(PackTokens, Unpacked_isTheSame) {
    const std::vector<TokenId> some{TokenId{0}, TokenId{1}, TokenId{129279}};
    EXPECT_EQ(packTokens(some).size(), 12);
    EXPECT_EQ(unpackTokens(packTokens(some)), some);
    EXPECT_TRUE(unpackTokens({}).empty());
    EXPECT_EQ(unpackTokens(QByteArray("abcdefg")).size(), 1U) << "a torn end is left out";
}

} // namespace
} // namespace bathy::models
