// Experts banned for a step: no token reaches them, and the rest of the model goes on as the header says.
#include "tests/engine/model/model_fixture.h"

#include <map>
#include <numeric>

namespace bathy::model::test {
namespace {

using bathy::test::readGoldenCase;

struct Routes final : RoutingSink {
    void onRouting(LayerId layer, Position, int, std::span<const std::int32_t> experts,
                   std::span<const float> weights) override {
        auto& all = chosen[raw(layer)];
        all.insert(all.end(), experts.begin(), experts.end());
        auto& shares = weight[raw(layer)];
        shares.insert(shares.end(), weights.begin(), weights.end());
    }
    std::map<int, std::vector<std::int32_t>> chosen;
    std::map<int, std::vector<float>> weight;
};

// Layers 0 to 2 are routed by table, 3 to 5 by score; 2 of 8 experts a token.
class Bans : public testing::Test {
protected:
    Bans() : golden(readGoldenCase("v4_tiny/t6")), loaded(golden.configJson, golden.rule) {}

    Logits run(std::span<const ExpertRef> bans, std::size_t chunk, RoutingSink* routing = nullptr) {
        const auto state = loaded.newState();
        Logits logits(golden.tokens.size() * 96);
        for (std::size_t begin = 0; begin < golden.tokens.size(); begin += chunk) {
            const auto count = std::min(chunk, golden.tokens.size() - begin);
            ForwardOptions options;
            options.logitsAt = LogitsAt::All;
            options.logits = std::span(logits).subspan(begin * 96, count * 96);
            options.bannedExperts = bans;
            options.routing = routing;
            EXPECT_TRUE(loaded.model().forward(*state, std::span(golden.tokens).subspan(begin, count), options));
        }
        return logits;
    }

    bathy::test::GoldenCase golden;
    LoadedCase loaded;
};

TEST_F(Bans, Banned_experts_get_no_token_and_the_others_the_whole_weight) {
    const std::vector<ExpertRef> bans{{LayerId{1}, ExpertId{4}}, {LayerId{4}, ExpertId{0}}, {LayerId{4}, ExpertId{5}}};
    Routes free;
    Routes banned;
    run({}, 70, &free);
    run(bans, 70, &banned);
    EXPECT_EQ(banned.chosen[0], free.chosen[0]);
    for (std::size_t t = 0; t < golden.tokens.size(); ++t) {
        for (std::size_t i = 2 * t; i < 2 * t + 2; ++i) {
            // By table: the place of the banned expert stays empty.
            EXPECT_EQ(banned.chosen[1][i], free.chosen[1][i] == 4 ? -1 : free.chosen[1][i]);
            // By score: another expert takes it.
            EXPECT_GE(banned.chosen[4][i], 1);
            EXPECT_NE(banned.chosen[4][i], 5);
        }
        for (const int layer : {1, 4})
            EXPECT_NEAR(banned.weight[layer][2 * t] + banned.weight[layer][2 * t + 1], 1.5, 1e-5);
    }
    const auto count = [](const std::vector<std::int32_t>& all, std::int32_t e) {
        return std::count(all.begin(), all.end(), e);
    };
    EXPECT_GT(count(free.chosen[1], 4), 0);
    EXPECT_GT(count(free.chosen[4], 0) + count(free.chosen[4], 5), 0);
}

TEST_F(Bans, Any_cut_gives_the_bits_of_the_whole) {
    const std::vector<ExpertRef> bans{{LayerId{0}, ExpertId{3}}, {LayerId{3}, ExpertId{1}}};
    const auto whole = run(bans, 70);
    EXPECT_NE(whole, run({}, 70));
    for (const std::size_t chunk : {1, 3, 33})
        EXPECT_EQ(run(bans, chunk), whole) << "chunk " << chunk;
}

TEST_F(Bans, Of_all_experts_leave_the_shared_one) {
    std::vector<ExpertRef> bans;
    for (int layer = 0; layer < 6; ++layer)
        for (int expert = 0; expert < 8; ++expert)
            bans.push_back({LayerId{layer}, ExpertId{expert}});
    Routes routes;
    const auto logits = run(bans, 70, &routes);
    EXPECT_EQ(routes.chosen[2], std::vector<std::int32_t>(140, -1));
    EXPECT_EQ(routes.chosen[5], std::vector<std::int32_t>(140, -1));
    EXPECT_TRUE(std::all_of(logits.begin(), logits.end(), [](float value) { return std::isfinite(value); }));
    EXPECT_EQ(run(bans, 7), logits);
}

TEST_F(Bans, Outside_the_model_are_refused) {
    const auto state = loaded.newState();
    for (const auto& ban : {ExpertRef{LayerId{6}, ExpertId{0}}, ExpertRef{LayerId{0}, ExpertId{8}},
                            ExpertRef{LayerId{-1}, ExpertId{0}}, ExpertRef{LayerId{0}, ExpertId{-1}}}) {
        ForwardOptions options;
        options.logitsAt = LogitsAt::None;
        options.bannedExperts = std::span(&ban, 1);
        const auto done = loaded.model().forward(*state, golden.tokens, options);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code(), ErrorCode::BadArgument);
    }
    EXPECT_EQ(state->length(), 0);
}

} // namespace
} // namespace bathy::model::test
