// Stored forms of the same weights, memory by part, routing and probes of the dense and the DeepSeek-V3 families.
#include "engine/model/opened_model.h"
#include "tests/engine/model/model_fixture.h"
#include "tests/support/rule_model.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

namespace bathy::model::test {
namespace {

using bathy::test::GoldenCase;
using bathy::test::readGoldenCase;
using bathy::test::StoreAs;
using telemetry::KvPart;

LoadedCase load(const GoldenCase& golden, StoreAs store = StoreAs::F32) {
    return LoadedCase(
        [&](const auto& folder) { bathy::test::writeFamilyModel(folder, golden.configJson, golden.rule, store); });
}

double difference(const Logits& a, const Logits& b) {
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        largest = std::max(largest, static_cast<double>(std::fabs(a[i] - b[i])));
    return largest;
}

TEST(FamilyFormats, fp8WithInverseScales_isTheSameAsTheValuesTheyStandFor) {
    for (const char* name : {"families/v3_shaped", "families/v32_sparse", "families/v2_lite"}) {
        const auto golden = readGoldenCase(name);
        auto packed = load(golden, StoreAs::Fp8);
        auto plain = load(golden, StoreAs::Fp8AsF32);
        const auto tokens = std::span(golden.tokens).first(80);
        const auto logits = packed.feed(*packed.newState(), tokens);
        EXPECT_LE(difference(logits, plain.feed(*plain.newState(), tokens)), 2e-4) << name;
        EXPECT_EQ(packed.feed(*packed.newState(), tokens, 1), logits) << name;
    }
}

TEST(FamilyFormats, bf16Weights_stayNearTheFloatOnes) {
    const auto golden = readGoldenCase("families/qwen3_plain");
    auto rounded = load(golden, StoreAs::BF16);
    const auto logits = rounded.feed(*rounded.newState(), golden.tokens);
    EXPECT_GT(largestDifference(logits, golden.logits), 0);
    EXPECT_LE(largestDifference(logits, golden.logits), 1.0);
}

TEST(FamilyFormats, memory_isCountedByThePartsOfTheFamily) {
    const struct {
        const char* name;
        std::vector<KvPart> parts;
    } kCases[] = {{"families/qwen2_math", {KvPart::KeysValues}},
                  {"families/v3_shaped", {KvPart::Latents}},
                  {"families/v32_wide", {KvPart::Latents, KvPart::IndexKeys}}};
    for (const auto& [name, parts] : kCases) {
        const auto golden = readGoldenCase(name);
        auto loaded = load(golden);
        const auto opened = openModel(loaded.folder());
        ASSERT_TRUE(opened) << opened.error().what();
        for (const auto precision : {Precision::Exact, Precision::Fast}) {
            const auto state = loaded.newState(precision);
            loaded.feed(*state, std::span(golden.tokens).first(70));
            const auto memory = state->memory();
            EXPECT_EQ(memory.bytes, (*opened)->kvBytes(state->kvFormat(), 70)) << name;
            EXPECT_GE(memory.reservedBytes, memory.bytes.total());
            std::uint64_t named = 0;
            for (const auto part : parts) {
                EXPECT_GT(memory.bytes[part], 0u) << name;
                named += memory.bytes[part];
            }
            EXPECT_EQ(named, memory.bytes.total()) << name;
        }
    }
}

struct Seen final : RoutingSink, ProbeSink {
    void onRouting(LayerId layer, Position, int count, std::span<const std::int32_t> chosen,
                   std::span<const float> weights) override {
        layers.insert(raw(layer));
        picks = count;
        experts.assign(chosen.begin(), chosen.end());
        weightSum = std::accumulate(weights.begin(), weights.begin() + count, 0.0);
    }
    bool wants(LayerId layer, Position position) override { return raw(layer) == 1 && raw(position) == 60; }
    void onProbe(const AttentionProbe& probe) override {
        entries.assign(probe.entries.begin(), probe.entries.end());
        scores = probe.entryScores.size();
        const auto& mass = probe.entries.empty() ? probe.windowMass : probe.entryMass;
        rows = mass.size();
        massSum = std::accumulate(mass.begin(), mass.end(), 0.0);
    }

    std::set<int> layers;
    int picks = 0;
    std::vector<std::int32_t> experts;
    double weightSum = 0;
    std::vector<std::int64_t> entries;
    std::size_t scores = 0;
    std::size_t rows = 0;
    double massSum = 0;
};

Seen watch(LoadedCase& loaded, const GoldenCase& golden, std::span<const ExpertRef> bans = {}) {
    Seen seen;
    ForwardOptions options;
    options.logitsAt = LogitsAt::None;
    options.routing = &seen;
    options.probes = &seen;
    options.bannedExperts = bans;
    const auto state = loaded.newState();
    const auto done = loaded.model().forward(*state, std::span(golden.tokens).first(70), options);
    EXPECT_TRUE(done) << done.error().what();
    return seen;
}

TEST(FamilyRouting, isToldForLayersWithExpertsOnly) {
    const auto golden = readGoldenCase("families/v3_shaped");
    auto loaded = load(golden);
    const auto seen = watch(loaded, golden);
    EXPECT_EQ(seen.layers, (std::set<int>{2, 3, 4}));
    EXPECT_EQ(seen.picks, 6);
    EXPECT_NEAR(seen.weightSum, 2.5, 1e-5);
    const auto dense = readGoldenCase("families/llama_3");
    auto without = load(dense);
    EXPECT_TRUE(watch(without, dense).layers.empty());
    EXPECT_EQ(without.model().expertCount(), 0);
}

TEST(FamilyRouting, bannedExperts_areNotChosen) {
    const auto golden = readGoldenCase("families/v3_shaped");
    auto loaded = load(golden);
    const auto first = watch(loaded, golden).experts.front();
    const ExpertRef bans[] = {{LayerId{4}, ExpertId{first}}};
    const auto seen = watch(loaded, golden, bans);
    EXPECT_EQ(std::count(seen.experts.begin(), seen.experts.end(), first), 0);
    const ExpertRef outside[] = {{LayerId{4}, ExpertId{32}}};
    ForwardOptions options;
    options.logitsAt = LogitsAt::None;
    options.bannedExperts = outside;
    EXPECT_EQ(loaded.model().forward(*loaded.newState(), std::span(golden.tokens).first(2), options).error().code(),
              ErrorCode::BadArgument);
}

TEST(FamilyProbes, massAddsUpToOne_overAllTokensOrThosePicked) {
    for (const char* name : {"families/qwen2_math", "families/v2_lite"}) {
        const auto golden = readGoldenCase(name);
        auto loaded = load(golden);
        const auto seen = watch(loaded, golden);
        EXPECT_TRUE(seen.entries.empty());
        EXPECT_EQ(seen.rows, 61u);
        EXPECT_NEAR(seen.massSum, 1, 1e-5) << name;
    }
    const auto golden = readGoldenCase("families/v32_sparse");
    auto loaded = load(golden);
    const auto seen = watch(loaded, golden);
    EXPECT_EQ(seen.entries.size(), 24u);
    EXPECT_EQ(seen.scores, 24u);
    EXPECT_TRUE(std::is_sorted(seen.entries.begin(), seen.entries.end()));
    EXPECT_NEAR(seen.massSum, 1, 1e-5);
}

TEST(FamilyScratch, planIsAnUpperBound) {
    for (const char* name : {"families/qwen3_yarn", "families/v3_shaped", "families/v2_lite", "families/v32_sparse"}) {
        const auto golden = readGoldenCase(name);
        auto loaded = load(golden);
        loaded.feed(*loaded.newState(Precision::Fast), golden.tokens);
        const auto planned =
            loaded.model().scratchBytesFor(static_cast<int>(golden.tokens.size()), std::ssize(golden.tokens));
        EXPECT_LE(loaded.model().scratchBytes(), planned) << name;
    }
}

TEST(FamilyStates, refuseWhatTheyCannotDo) {
    const auto golden = readGoldenCase("families/v3_small");
    auto loaded = load(golden);
    StateOptions options;
    options.kvFormat = KvFormat::Packed;
    EXPECT_EQ(loaded.model().createState(options).error().code(), ErrorCode::Unsupported);
    options = {};
    options.contextLimit = 100;
    auto state = loaded.model().createState(options);
    ASSERT_TRUE(state);
    ForwardOptions forward;
    forward.logitsAt = LogitsAt::None;
    EXPECT_EQ(loaded.model().forward(**state, std::span(golden.tokens).first(101), forward).error().code(),
              ErrorCode::ContextFull);
    EXPECT_EQ((*state)->length(), 0);
    std::stop_source stop;
    stop.request_stop();
    forward.stop = stop.get_token();
    EXPECT_TRUE(loaded.model().forward(**state, std::span(golden.tokens).first(10), forward).error().isCancelled());
    EXPECT_EQ((*state)->length(), 0);
}

TEST(FamilyDescription, countsParametersAndLeavesDraftLayersAlone) {
    auto golden = readGoldenCase("families/v3_small");
    auto config = nlohmann::json::parse(golden.configJson);
    auto loaded = load(golden);
    const auto plain = openModel(loaded.folder());
    ASSERT_TRUE(plain);
    const auto card = (*plain)->describe();
    EXPECT_EQ(card.family, "deepseek_v3");
    EXPECT_EQ(card.draftStages, 0);
    EXPECT_EQ(card.parametersTotal * 4, card.weightBytes);
    EXPECT_LT(card.parametersActive, card.parametersTotal);
    EXPECT_EQ(card.layers.front().router, RouterForm::None);
    EXPECT_EQ(card.layers.back().router, RouterForm::Learned);

    // A file with one layer more than the config names, which it calls a draft layer.
    const auto layers = config["num_hidden_layers"].get<int>();
    bathy::test::TemporaryFolder folder;
    bathy::test::writeFamilyModel(folder.path(), golden.configJson, golden.rule);
    config["num_hidden_layers"] = layers - 1;
    std::ofstream(folder.path() / "config.json") << config.dump();
    EXPECT_EQ(openModel(folder.path()).error().code(), ErrorCode::BadFile);
    config["num_nextn_predict_layers"] = 1;
    std::ofstream(folder.path() / "config.json") << config.dump();
    const auto draft = openModel(folder.path());
    ASSERT_TRUE(draft) << draft.error().what();
    EXPECT_EQ((*draft)->describe().draftKind, "MTP");
    EXPECT_EQ((*draft)->describe().draftStages, 1);
    EXPECT_EQ((*draft)->describe().parametersTotal + (*draft)->describe().parametersDraft, card.parametersTotal);
}

} // namespace
} // namespace bathy::model::test
