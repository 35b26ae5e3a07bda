// What a loaded model refuses, reports and measures.
#include "engine/model/deepseek_v4/step.h"
#include "engine/ops/rope.h"
#include "tests/engine/model/model_fixture.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

namespace bathy::model::test {
namespace {

using bathy::test::readGoldenCase;

class TinyModel : public testing::Test {
protected:
    TinyModel() : golden(readGoldenCase("v4_tiny/t6")), loaded(golden.configJson, golden.rule) {}

    ErrorCode codeOf(SequenceState& state, std::vector<TokenId> tokens, std::size_t logits, LogitsAt at) {
        std::vector<float> room(logits);
        ForwardOptions options;
        options.logitsAt = at;
        options.logits = room;
        const auto done = loaded.model().forward(state, tokens, options);
        return done ? ErrorCode{} : done.error().code();
    }

    bathy::test::GoldenCase golden;
    LoadedCase loaded;
};

TEST_F(TinyModel, Wrong_calls_are_errors_and_change_nothing) {
    const auto state = loaded.newState();
    EXPECT_EQ(codeOf(*state, {}, 96, LogitsAt::Last), ErrorCode::BadArgument);
    EXPECT_EQ(codeOf(*state, {TokenId{96}}, 96, LogitsAt::Last), ErrorCode::BadArgument);
    EXPECT_EQ(codeOf(*state, {TokenId{-1}}, 96, LogitsAt::Last), ErrorCode::BadArgument);
    EXPECT_EQ(codeOf(*state, {TokenId{1}, TokenId{2}}, 96, LogitsAt::All), ErrorCode::BadArgument);
    EXPECT_EQ(codeOf(*state, {TokenId{1}}, 1, LogitsAt::None), ErrorCode::BadArgument);
    LoadedCase other(golden.configJson, golden.rule);
    EXPECT_EQ(codeOf(*other.newState(), {TokenId{1}}, 96, LogitsAt::Last), ErrorCode::BadArgument);
    EXPECT_EQ(state->length(), 0);
    EXPECT_EQ(loaded.feed(*state, golden.tokens), loaded.feed(*loaded.newState(), golden.tokens));
}

TEST_F(TinyModel, A_full_context_is_an_error_before_anything_runs) {
    StateOptions options;
    options.contextLimit = 20;
    const auto state = std::move(*loaded.model().createState(options));
    EXPECT_EQ(codeOf(*state, std::vector<TokenId>(20, TokenId{1}), 96, LogitsAt::Last), ErrorCode{});
    EXPECT_EQ(codeOf(*state, {TokenId{1}}, 96, LogitsAt::Last), ErrorCode::ContextFull);
    EXPECT_EQ(state->length(), 20);
    options.contextLimit = loaded.model().contextLength() + 1;
    EXPECT_FALSE(loaded.model().createState(options));
    options.contextLimit = 0;
    options.rollbackSlack = -1;
    EXPECT_FALSE(loaded.model().createState(options));
}

TEST_F(TinyModel, Last_is_the_last_row_of_all) {
    const auto all = loaded.feed(*loaded.newState(), golden.tokens);
    std::vector<float> last(96);
    ForwardOptions options;
    options.logits = last;
    const auto state = loaded.newState();
    ASSERT_TRUE(loaded.model().forward(*state, golden.tokens, options));
    EXPECT_EQ(last, Logits(all.end() - 96, all.end()));
}

TEST_F(TinyModel, A_prompt_longer_than_one_chunk_gives_the_same_bits) {
    const auto tokens = bathy::test::ruleTokens(deepseek_v4::kChunkTokens + 41, 96);
    const auto whole = loaded.feed(*loaded.newState(), tokens);
    EXPECT_EQ(loaded.feed(*loaded.newState(), tokens, 100), whole);
    std::vector<float> last(96);
    ForwardOptions options;
    options.logits = last;
    const auto state = loaded.newState();
    ASSERT_TRUE(loaded.model().forward(*state, tokens, options));
    EXPECT_EQ(last, Logits(whole.end() - 96, whole.end()));
}

// Listens to everything.
struct Recorder final : RoutingSink, SpanSink, ProbeSink, StreamSink {
    void onRouting(LayerId layer, Position first, int picks, std::span<const std::int32_t> experts,
                   std::span<const float> weights) override {
        EXPECT_EQ(raw(first), 0);
        EXPECT_EQ(experts.size(), weights.size());
        EXPECT_EQ(experts.size() % static_cast<std::size_t>(picks), 0u);
        chosen[raw(layer)].assign(experts.begin(), experts.end());
        shares[raw(layer)].assign(weights.begin(), weights.end());
    }
    void onSpan(const telemetry::SpanEvent& span) override {
        EXPECT_GE(span.durationNs, 0);
        // The parts lie end to end; a span around others comes after them.
        if (spanEnd != 0) {
            EXPECT_LE(span.beginNs, spanEnd);
            EXPECT_GE(span.beginNs + span.durationNs, spanEnd);
        }
        spanEnd = span.beginNs + span.durationNs;
        ++spans[span.kind];
    }
    bool wants(LayerId, Position position) override { return raw(position) == 66; }
    void onProbe(const AttentionProbe& probe) override {
        const auto sum = [](std::span<const float> values) {
            return std::accumulate(values.begin(), values.end(), 0.0);
        };
        EXPECT_EQ(probe.windowMass.size(), 8u);
        EXPECT_EQ(probe.windowBegin, 59);
        EXPECT_EQ(probe.entries.size(), probe.entryMass.size());
        EXPECT_TRUE(std::is_sorted(probe.entries.begin(), probe.entries.end()));
        EXPECT_GT(probe.sinkMass, 0);
        EXPECT_NEAR(sum(probe.windowMass) + sum(probe.entryMass) + static_cast<double>(probe.sinkMass), 1, 1e-5);
        entries[raw(probe.layer)] = probe.entries.size();
        scores[raw(probe.layer)] = probe.entryScores.size();
    }
    void onStreams(LayerId after, Position, std::span<const float> all) override {
        streams[raw(after)].assign(all.begin(), all.end());
    }

    std::map<int, std::vector<std::int32_t>> chosen;
    std::map<int, std::vector<float>> shares;
    std::map<telemetry::SpanKind, int> spans;
    std::map<int, std::size_t> entries, scores;
    std::map<int, std::vector<float>> streams;
    std::int64_t spanEnd = 0;
};

TEST_F(TinyModel, Recording_changes_no_bit_and_tells_the_truth) {
    const auto plain = loaded.feed(*loaded.newState(), golden.tokens);
    Recorder recorder;
    Logits logits(plain.size());
    ForwardOptions options;
    options.logitsAt = LogitsAt::All;
    options.logits = logits;
    options.routing = &recorder;
    options.spans = &recorder;
    options.probes = &recorder;
    options.streams = &recorder;
    const auto state = loaded.newState();
    ASSERT_TRUE(loaded.model().forward(*state, golden.tokens, options));
    EXPECT_EQ(logits, plain);

    ASSERT_EQ(recorder.chosen.size(), 6u);
    for (std::size_t t = 0; t < golden.tokens.size(); ++t) { // the hash table of spec 9.2
        const int id = raw(golden.tokens[t]);
        const int first = (7 * id + 3) % 8;
        EXPECT_EQ(recorder.chosen[0][2 * t], first);
        EXPECT_EQ(recorder.chosen[0][2 * t + 1], (first + 1 + id % 7) % 8);
        EXPECT_NEAR(recorder.shares[5][2 * t] + recorder.shares[5][2 * t + 1], 1.5, 1e-5);
        EXPECT_NE(recorder.chosen[5][2 * t], recorder.chosen[5][2 * t + 1]);
    }
    // Ratios 0, 4, 8, 4, 8, 0; four entries are picked of the sixteen that position 66 sees.
    EXPECT_EQ(recorder.entries, (std::map<int, std::size_t>{{0, 0}, {1, 4}, {2, 8}, {3, 4}, {4, 8}, {5, 0}}));
    EXPECT_EQ(recorder.scores, (std::map<int, std::size_t>{{0, 0}, {1, 4}, {2, 0}, {3, 4}, {4, 0}, {5, 0}}));
    EXPECT_EQ(recorder.spans[telemetry::SpanKind::Attention], 6);
    EXPECT_EQ(recorder.spans[telemetry::SpanKind::Experts], 6);
    EXPECT_EQ(recorder.spans[telemetry::SpanKind::Head], 1);
    EXPECT_EQ(recorder.streams.size(), 7u);
}

TEST_F(TinyModel, Memory_is_reported_as_it_is) {
    auto& model = loaded.model();
    EXPECT_EQ(model.weightBytesTouched(), 0u);
    const auto state = loaded.newState();
    constexpr std::uint64_t kSmallest = 1 << 20; // held at least
    for (const std::size_t chunk : {1, 16, 70}) {
        state->truncate(0);
        loaded.feed(*state, golden.tokens, chunk);
        EXPECT_LE(model.scratchBytes(), std::max(kSmallest, model.scratchBytesFor(70, 70))) << chunk;
    }
    EXPECT_GT(model.weightBytesTouched(), model.weightBytes() / 2);
    EXPECT_LE(model.weightBytesTouched(), model.weightBytes());
}

TEST_F(TinyModel, A_missing_tensor_is_a_clean_error) {
    ThreadPool pool(1);
    LoadOptions options;
    options.pool = &pool;
    bathy::test::TemporaryFolder folder;
    EXPECT_EQ(loadModel(folder.path() / "nowhere", options).error().code(), ErrorCode::NotFound);

    auto bytes = bathy::test::readText(loaded.folder() / "model.safetensors");
    std::filesystem::copy_file(loaded.folder() / "config.json", folder.path() / "config.json");
    const auto rename = bytes.find("layers.3.attn.kv_norm.weight");
    ASSERT_NE(rename, std::string::npos);
    auto renamed = bytes;
    renamed[rename + 7] = '9';
    std::ofstream(folder.path() / "model.safetensors", std::ios::binary) << renamed;
    const auto missing = loadModel(folder.path(), options);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code(), ErrorCode::BadFile);
    EXPECT_NE(missing.error().what().find("kv_norm"), std::string::npos);
}

// Fills a tensor of the model file with NaN.
void spoil(std::string& file, const std::string& tensor) {
    std::uint64_t headerBytes = 0;
    std::memcpy(&headerBytes, file.data(), sizeof headerBytes);
    const auto header = nlohmann::json::parse(file.substr(8, headerBytes));
    const auto& offsets = header.at(tensor).at("data_offsets");
    std::fill(file.begin() + static_cast<std::ptrdiff_t>(8 + headerBytes + offsets[0].get<std::uint64_t>()),
              file.begin() + static_cast<std::ptrdiff_t>(8 + headerBytes + offsets[1].get<std::uint64_t>()), '\xff');
}

TEST_F(TinyModel, Weights_that_are_no_numbers_do_not_bring_it_down) {
    auto bytes = bathy::test::readText(loaded.folder() / "model.safetensors");
    spoil(bytes, "layers.1.attn.indexer.weights_proj.weight");
    spoil(bytes, "layers.2.attn.wkv.weight");
    spoil(bytes, "layers.4.ffn.gate.weight");
    bathy::test::TemporaryFolder folder;
    std::filesystem::copy_file(loaded.folder() / "config.json", folder.path() / "config.json");
    std::ofstream(folder.path() / "model.safetensors", std::ios::binary) << bytes;
    ThreadPool pool(2);
    LoadOptions options;
    options.pool = &pool;
    const auto spoilt = loadModel(folder.path(), options);
    ASSERT_TRUE(spoilt) << spoilt.error().what();
    const auto state = std::move(*spoilt->model->createState({}));
    std::vector<float> logits(96);
    ForwardOptions forward;
    forward.logits = logits;
    ASSERT_TRUE(spoilt->model->forward(*state, golden.tokens, forward));
    EXPECT_TRUE(std::isnan(logits[0]));
}

TEST_F(TinyModel, A_hash_table_that_names_no_expert_is_a_clean_error) {
    auto bytes = bathy::test::readText(loaded.folder() / "model.safetensors");
    spoil(bytes, "layers.0.ffn.gate.tid2eid");
    bathy::test::TemporaryFolder folder;
    std::filesystem::copy_file(loaded.folder() / "config.json", folder.path() / "config.json");
    std::ofstream(folder.path() / "model.safetensors", std::ios::binary) << bytes;
    ThreadPool pool(1);
    LoadOptions options;
    options.pool = &pool;
    const auto refused = loadModel(folder.path(), options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::BadFile);
    EXPECT_NE(refused.error().what().find("tid2eid"), std::string::npos);
}

TEST(RopeTables, frequencies_areThoseOfTheSpecification) {
    auto config = *deepseek_v4::parseConfig(readGoldenCase("v4_tiny/t6").configJson);
    config.ropeDim = 64;
    config.yarn = {16, 65536, 32, 1};
    const auto tables = deepseek_v4::makeRopeTables(config);
    const std::map<std::size_t, double> expected{{0, 1},
                                                 {1, 0.687656022},
                                                 {8, 0.05},
                                                 {15, 0.00363553858},
                                                 {16, 0.002265625},
                                                 {17, 0.00139680129},
                                                 {20, 0.000296977778},
                                                 {24, 1.953125e-5},
                                                 {25, 5.37231267e-6},
                                                 {31, 5.68052904e-7}};
    for (const auto& [i, f] : expected)
        EXPECT_NEAR(tables.compress[i] / f, 1, 3e-7) << i;
    EXPECT_NEAR(tables.main[31] / std::pow(10000.0, -62.0 / 64), 1, 3e-7);
}

} // namespace
} // namespace bathy::model::test
