// The MTP block against the oracle (spec 9.3), and what makes its guesses safe: they never change what the model gives.
#include "engine/model/deepseek_v4/footprint.h"
#include "engine/model/deepseek_v4/step.h"
#include "tests/engine/model/model_fixture.h"

#include <filesystem>

namespace bathy::model::test {
namespace {

using bathy::test::readGoldenCase;

constexpr double kOracleTolerance = 2e-4;

class DraftCase {
public:
    explicit DraftCase(const char* name)
        : golden(readGoldenCase(name)), loaded(golden.configJson, golden.rule),
          expected(bathy::test::readNpy(std::filesystem::path(BATHY_SOURCE_DIR) / "tests/golden" / name /
                                        "mtp_logits.npy")) {}

    // Logits of all, fed in pieces, with what guesses need kept.
    Logits feed(SequenceState& state, std::span<const TokenId> tokens, std::size_t chunk) {
        Logits logits(tokens.size() * vocabulary());
        for (std::size_t begin = 0; begin < tokens.size(); begin += chunk) {
            const auto count = std::min(chunk, tokens.size() - begin);
            ForwardOptions options;
            options.logitsAt = LogitsAt::All;
            options.logits = std::span(logits).subspan(begin * vocabulary(), count * vocabulary());
            options.keepDrafts = true;
            const auto done = loaded.model().forward(state, tokens.subspan(begin, count), options);
            EXPECT_TRUE(done) << done.error().what();
        }
        return logits;
    }
    Logits guess(SequenceState& state, TokenId token) {
        Logits logits(vocabulary());
        const auto done = loaded.model().draft(state, token, {logits, nullptr, {}});
        EXPECT_TRUE(done) << done.error().what();
        return logits;
    }
    // The first guess behind every position but the last, fed one by one.
    Logits guesses(Precision precision) {
        const auto state = loaded.newState(precision);
        Logits all;
        for (std::size_t t = 0; t + 1 < golden.tokens.size(); ++t) {
            feed(*state, tokens(t, t + 1), 1);
            const auto row = guess(*state, golden.tokens[t + 1]);
            all.insert(all.end(), row.begin(), row.end());
        }
        return all;
    }
    // The guess at position t when the tokens up to it were fed in pieces.
    Logits guessAfter(std::size_t t, std::size_t chunk, Precision precision) {
        const auto state = loaded.newState(precision);
        feed(*state, tokens(0, t + 1), chunk);
        return guess(*state, golden.tokens[t + 1]);
    }
    Logits row(const Logits& all, std::size_t t) const {
        const auto at = all.begin() + static_cast<std::ptrdiff_t>(t * vocabulary());
        return {at, at + static_cast<std::ptrdiff_t>(vocabulary())};
    }
    std::span<const TokenId> tokens(std::size_t begin, std::size_t end) const {
        return std::span(golden.tokens).subspan(begin, end - begin);
    }
    std::size_t vocabulary() const { return static_cast<std::size_t>(expected.cols); }

    bathy::test::GoldenCase golden;
    LoadedCase loaded;
    bathy::test::Matrix expected;
};

class DraftOracle : public testing::TestWithParam<const char*>, protected DraftCase {
protected:
    DraftOracle() : DraftCase(GetParam()) {}
};

TEST_P(DraftOracle, Guesses_are_the_oracles) {
    const auto all = guesses(Precision::Exact);
    ASSERT_EQ(all.size(), expected.values.size());
    const auto difference = largestDifference(all, expected);
    EXPECT_LE(difference, kOracleTolerance);
    RecordProperty("largest_difference", std::to_string(difference));
}

TEST_P(DraftOracle, Any_cut_of_the_tokens_gives_the_same_guess) {
    for (const auto precision : {Precision::Exact, Precision::Fast}) {
        const auto all = guesses(precision);
        for (const std::size_t t : {0, 1, 2, 6, 7, 8, 9, 33, 64, 68})
            for (const std::size_t chunk : {1, 2, 3, 7, 64, 128})
                ASSERT_EQ(guessAfter(t, chunk, precision), row(all, t)) << "at " << t << " in pieces of " << chunk;
    }
}

INSTANTIATE_TEST_SUITE_P(, DraftOracle, testing::Values("v4_tiny/t6", "v4_tiny/t6b"),
                         [](const auto& test) { return std::string(test.param).substr(8); });

class Draft : public testing::Test, protected DraftCase {
protected:
    Draft() : DraftCase("v4_tiny/t6b") {}
};

TEST_F(Draft, Guessing_changes_no_bit_of_what_the_model_gives) {
    const auto whole = loaded.feed(*loaded.newState(), golden.tokens);
    const auto firstGuesses = guesses(Precision::Exact);
    const auto state = loaded.newState();
    Logits fed;
    for (std::size_t t = 0; t + 4 < golden.tokens.size();) {
        // Right and wrong guesses, from none to five deep, before steps of one to four tokens.
        const auto deep = t % 6;
        for (std::size_t g = 0; g < deep; ++g) {
            const auto token = (t + g) % 3 == 0 ? TokenId{7} : golden.tokens[t + g];
            if (t > 0)
                guess(*state, token);
        }
        const auto count = 1 + t % 4;
        const auto logits = feed(*state, tokens(t, t + count), count);
        fed.insert(fed.end(), logits.begin(), logits.end());
        t += count;
        auto fork = state->fork(static_cast<std::int64_t>(t)); // so that this look leaves no guess behind
        ASSERT_TRUE(fork);
        ASSERT_EQ(guess(**fork, golden.tokens[t]), row(firstGuesses, t - 1)) << "at " << t - 1;
    }
    EXPECT_EQ(fed, Logits(whole.begin(), whole.begin() + std::ssize(fed)));
}

TEST_F(Draft, Deeper_guesses_go_out_from_the_block_itself) {
    const auto state = loaded.newState();
    feed(*state, tokens(0, 140), 140);
    const auto chain = [&](std::vector<int> ids) {
        Logits last;
        for (const auto id : ids)
            last = guess(*state, TokenId{id});
        state->truncate(140);
        return last;
    };
    const auto one = chain({3});
    const auto two = chain({3, 4});
    EXPECT_NE(one, two);
    EXPECT_NE(two, chain({5, 4})); // the first guess is part of the second
    EXPECT_EQ(two, chain({3, 4})); // and nothing of the chains in between is
    EXPECT_EQ(one, chain({3}));
    for (const float value : chain({1, 2, 3, 4, 5, 6, 7, 8}))
        EXPECT_TRUE(std::isfinite(value));
}

TEST_F(Draft, Guess_after_going_back_equals_that_of_a_fresh_run) {
    const auto all = guesses(Precision::Exact);
    const std::vector<TokenId> junk(8, TokenId{7});
    const auto state = loaded.newState();
    feed(*state, tokens(0, 150), 150);
    for (std::size_t back = 1; back <= 8; ++back) { // what a wrong draft leaves
        guess(*state, junk[0]);
        feed(*state, std::span(junk).first(back), back);
        ASSERT_EQ(state->truncate(150), 150);
        ASSERT_EQ(guess(*state, golden.tokens[150]), row(all, 149)) << back << " tokens taken back";
    }
    const auto other = loaded.newState();
    feed(*other, tokens(0, 150), 150);
    for (std::int64_t length = 149; length >= 142; --length) {
        ASSERT_EQ(other->truncate(length), length);
        ASSERT_EQ(guess(*other, golden.tokens[static_cast<std::size_t>(length)]),
                  row(all, static_cast<std::size_t>(length - 1)));
    }
}

TEST_F(Draft, Checkpoints_and_forks_carry_the_block) {
    const auto all = guesses(Precision::Exact);
    const auto state = loaded.newState();
    feed(*state, tokens(0, 131), 131);
    guess(*state, TokenId{9}); // a guess in hand is not part of what is kept
    state->keepCheckpoint();
    feed(*state, tokens(131, 250), 119);
    const auto fork = state->fork(200);
    ASSERT_TRUE(fork);
    ASSERT_EQ((*fork)->length(), 131);
    EXPECT_EQ(guess(**fork, golden.tokens[131]), row(all, 130));
    ASSERT_EQ(state->truncate(200), 131);
    EXPECT_EQ(guess(*state, golden.tokens[131]), row(all, 130));
    feed(*state, tokens(131, 160), 29);
    EXPECT_EQ(guess(*state, golden.tokens[160]), row(all, 159));
}

TEST_F(Draft, Tokens_that_were_fed_without_it_only_make_guesses_worse) {
    const auto state = loaded.newState();
    loaded.feed(*state, tokens(0, 100));
    Logits logits(vocabulary());
    const auto refused = loaded.model().draft(*state, TokenId{1}, {logits, nullptr, {}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::BadArgument);
    const auto all = guesses(Precision::Exact);
    for (std::size_t t = 100; t < 120; ++t) {
        feed(*state, tokens(t, t + 1), 1);
        const auto row = guess(*state, golden.tokens[t + 1]);
        const bool windowIsFull = t >= 100 + 7; // of 8 rows
        EXPECT_EQ(row == this->row(all, t), windowIsFull) << t;
    }
}

TEST_F(Draft, Long_prompts_are_followed_chunk_by_chunk) {
    const auto longer = bathy::test::ruleTokens(deepseek_v4::kChunkTokens + 41, 96);
    const auto at = [&](std::size_t chunk) {
        const auto state = loaded.newState();
        feed(*state, longer, chunk);
        return guess(*state, TokenId{5});
    };
    const auto whole = at(longer.size());
    for (const std::size_t chunk : {1, 100, 512})
        EXPECT_EQ(at(chunk), whole) << chunk;
}

TEST_F(Draft, Memory_is_counted_where_it_is_used) {
    const auto config = *deepseek_v4::parseConfig(golden.configJson);
    const auto state = loaded.newState(Precision::Exact, KvFormat::F32);
    loaded.feed(*state, tokens(0, 60));
    EXPECT_EQ(state->memory().bytes[telemetry::KvPart::Draft], 0u);
    const auto without = state->memory();
    state->truncate(0);
    feed(*state, tokens(0, 60), 60);
    const auto with = state->memory();
    EXPECT_EQ(with.bytes[telemetry::KvPart::Draft], deepseek_v4::draftKvBytes(config, deepseek_v4::KvStorage::F32));
    EXPECT_EQ(with.bytes.total() - with.bytes[telemetry::KvPart::Draft], without.bytes.total());
    EXPECT_EQ(with.reservedBytes, without.reservedBytes);
    EXPECT_GE(with.reservedBytes, with.bytes.total());
}

TEST_F(Draft, Weights_count_as_touched_from_the_first_use) {
    auto& model = loaded.model();
    const auto state = loaded.newState();
    loaded.feed(*state, golden.tokens);
    const auto before = model.weightBytesTouched();
    EXPECT_LT(before, model.weightBytes());
    guesses(Precision::Exact);
    EXPECT_GT(model.weightBytesTouched(), before);
    EXPECT_LE(model.weightBytesTouched(), model.weightBytes());
}

TEST_F(Draft, Wrong_calls_are_errors_and_leave_the_guesses) {
    const auto state = loaded.newState();
    Logits room(96);
    const auto codeOf = [&](SequenceState& where, int token, std::size_t logits) {
        const auto done = loaded.model().draft(where, TokenId{token}, {std::span(room).first(logits), nullptr, {}});
        return done ? ErrorCode{} : done.error().code();
    };
    EXPECT_EQ(codeOf(*state, 1, 96), ErrorCode::BadArgument); // nothing to guess from
    feed(*state, tokens(0, 30), 30);
    EXPECT_EQ(codeOf(*state, 96, 96), ErrorCode::BadArgument);
    EXPECT_EQ(codeOf(*state, -1, 96), ErrorCode::BadArgument);
    EXPECT_EQ(codeOf(*state, 1, 95), ErrorCode::BadArgument);
    LoadedCase other(golden.configJson, golden.rule);
    EXPECT_EQ(codeOf(*other.newState(), 1, 96), ErrorCode::BadArgument);
    for (int i = 0; i < 8; ++i)
        EXPECT_EQ(codeOf(*state, 1, 96), ErrorCode{}) << i;
    EXPECT_EQ(codeOf(*state, 1, 96), ErrorCode::BadArgument); // no more than the slack in a row
    const auto whole = loaded.feed(*loaded.newState(), golden.tokens);
    EXPECT_EQ(feed(*state, tokens(30, 31), 1), row(whole, 30));
}

TEST_F(Draft, A_stopped_guess_leaves_no_trace) {
    const auto all = guesses(Precision::Exact);
    const auto state = loaded.newState();
    feed(*state, tokens(0, 30), 30);
    std::stop_source stop;
    stop.request_stop();
    Logits logits(vocabulary());
    const auto done = loaded.model().draft(*state, TokenId{3}, {logits, nullptr, stop.get_token()});
    ASSERT_FALSE(done);
    EXPECT_TRUE(done.error().isCancelled());
    EXPECT_EQ(guess(*state, golden.tokens[30]), row(all, 29));
}

TEST(DraftBlock, Models_without_one_say_so) {
    const auto golden = readGoldenCase("v4_transformers/flash_like");
    LoadedCase loaded(golden.configJson, golden.rule);
    EXPECT_FALSE(loaded.model().drafts());
    const auto state = loaded.newState();
    loaded.feed(*state, std::span(golden.tokens).first(5));
    EXPECT_EQ(state->memory().bytes[telemetry::KvPart::Draft], 0u);
    Logits logits(static_cast<std::size_t>(loaded.model().vocabularySize()));
    const auto done = loaded.model().draft(*state, TokenId{1}, {logits, nullptr, {}});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), ErrorCode::Unsupported);
}

} // namespace
} // namespace bathy::model::test
