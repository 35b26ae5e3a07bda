// Going back, starting again and stopping must leave what a fresh run would (spec 3.4 and 9.5).
#include "tests/engine/model/model_fixture.h"

namespace bathy::model::test {
namespace {

using bathy::test::readGoldenCase;

class Rollback : public testing::Test {
protected:
    Rollback() : golden(readGoldenCase("v4_tiny/t6b")), loaded(golden.configJson, golden.rule) {}

    std::span<const TokenId> tokens(std::size_t begin, std::size_t end) const {
        return std::span(golden.tokens).subspan(begin, end - begin);
    }
    // Rows [begin, end) of a whole run.
    Logits rows(const Logits& whole, std::size_t begin, std::size_t end) {
        const auto v = static_cast<std::ptrdiff_t>(loaded.model().vocabularySize());
        return {whole.begin() + static_cast<std::ptrdiff_t>(begin) * v,
                whole.begin() + static_cast<std::ptrdiff_t>(end) * v};
    }
    Logits whole() { return loaded.feed(*loaded.newState(), golden.tokens); }

    bathy::test::GoldenCase golden;
    LoadedCase loaded;
};

TEST_F(Rollback, Of_one_to_five_tokens_at_every_phase_of_4_and_128_equals_a_fresh_run) {
    const auto expected = whole();
    const std::vector<TokenId> junk(5, TokenId{7});
    const auto state = loaded.newState(Precision::Exact, KvFormat::F32, 5);
    std::size_t length = 124;
    loaded.feed(*state, tokens(0, length));
    for (; length < 258; ++length) {
        for (std::size_t back = 1; back <= 5; ++back) {
            loaded.feed(*state, std::span(junk).first(back));
            ASSERT_EQ(state->truncate(static_cast<std::int64_t>(length)), static_cast<std::int64_t>(length));
        }
        ASSERT_EQ(loaded.feed(*state, tokens(length, length + 1)), rows(expected, length, length + 1))
            << "at length " << length;
    }
}

TEST_F(Rollback, One_by_one_takes_back_what_was_fed_one_by_one) {
    const auto expected = whole();
    const auto state = loaded.newState(Precision::Exact, KvFormat::F32, 5);
    loaded.feed(*state, tokens(0, 140), 1);
    for (int back = 1; back <= 5; ++back)
        ASSERT_EQ(state->truncate(140 - back), 140 - back);
    EXPECT_EQ(loaded.feed(*state, tokens(135, 150)), rows(expected, 135, 150));
}

TEST_F(Rollback, To_zero_leaks_nothing_into_the_next_sequence) {
    const auto expected = whole();
    const auto state = loaded.newState();
    const std::vector<TokenId> junk(131, TokenId{11});
    for (const std::size_t length : {1, 2, 3, 5, 129}) {
        loaded.feed(*state, junk);
        ASSERT_EQ(state->truncate(0), 0);
        EXPECT_EQ(loaded.feed(*state, tokens(0, length)), rows(expected, 0, length)) << "length " << length;
        ASSERT_EQ(state->truncate(0), 0);
    }
}

TEST_F(Rollback, To_a_checkpoint_far_back_equals_a_fresh_run) {
    const auto expected = whole();
    const std::vector<TokenId> junk(140, TokenId{3});
    for (const std::size_t at : {1, 6, 127, 128, 131}) {
        const auto state = loaded.newState();
        loaded.feed(*state, tokens(0, at));
        state->keepCheckpoint();
        loaded.feed(*state, junk);
        const auto wanted = static_cast<std::int64_t>(at + 60);
        ASSERT_EQ(state->truncate(wanted), static_cast<std::int64_t>(at));
        EXPECT_EQ(loaded.feed(*state, tokens(at, at + 20)), rows(expected, at, at + 20)) << "checkpoint at " << at;
    }
}

TEST_F(Rollback, A_fork_goes_its_own_way) {
    const auto expected = whole();
    const auto state = loaded.newState();
    loaded.feed(*state, tokens(0, 133));
    auto fork = state->fork(131);
    ASSERT_TRUE(fork);
    ASSERT_EQ((*fork)->length(), 131);
    const std::vector<TokenId> junk(30, TokenId{3});
    loaded.feed(*state, junk);
    EXPECT_EQ(loaded.feed(**fork, tokens(131, 160)), rows(expected, 131, 160));
}

TEST_F(Rollback, A_fork_starts_from_a_checkpoint_far_back_and_leaves_the_origin_alone) {
    const auto expected = whole();
    const auto state = loaded.newState(Precision::Exact, KvFormat::F32, 0);
    loaded.feed(*state, tokens(0, 37));
    state->keepCheckpoint();
    loaded.feed(*state, tokens(37, 250));
    for (int time = 0; time < 2; ++time) {
        const auto fork = state->fork(37);
        ASSERT_TRUE(fork);
        ASSERT_EQ((*fork)->length(), 37);
        EXPECT_EQ(loaded.feed(**fork, tokens(37, 60)), rows(expected, 37, 60));
    }
    EXPECT_EQ(loaded.feed(*state, tokens(250, 255)), rows(expected, 250, 255));
}

// Asks for a stop when a layer routes.
class StopAtLayer final : public RoutingSink {
public:
    explicit StopAtLayer(int layer) : m_layer(layer) {}
    void onRouting(LayerId layer, Position, int, std::span<const std::int32_t>, std::span<const float>) override {
        if (raw(layer) == m_layer)
            m_stop.request_stop();
    }
    std::stop_token token() const { return m_stop.get_token(); }

private:
    int m_layer;
    std::stop_source m_stop;
};

TEST_F(Rollback, A_stopped_step_leaves_the_sequence_as_it_was) {
    const auto expected = whole();
    const std::vector<TokenId> junk(100, TokenId{5});
    for (const std::size_t junkTokens : {1, 4, 9, 100}) {
        for (const int layer : {0, 1, 2, 5}) {
            const auto state = loaded.newState();
            loaded.feed(*state, tokens(0, 130));
            StopAtLayer stop(layer);
            ForwardOptions options;
            options.logitsAt = LogitsAt::None;
            options.routing = &stop;
            options.stop = stop.token();
            const auto done = loaded.model().forward(*state, std::span(junk).first(junkTokens), options);
            ASSERT_FALSE(done);
            EXPECT_TRUE(done.error().isCancelled());
            ASSERT_EQ(state->length(), 130);
            EXPECT_EQ(loaded.feed(*state, tokens(130, 140)), rows(expected, 130, 140))
                << junkTokens << " tokens stopped in layer " << layer;
        }
    }
}

} // namespace
} // namespace bathy::model::test
