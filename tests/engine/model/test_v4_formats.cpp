// Ways of storing rows: with the production rules every format holds the same values (spec 3.2, 4.4).
#include "engine/model/deepseek_v4/footprint.h"
#include "tests/engine/model/model_fixture.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace bathy::model::test {
namespace {

using bathy::test::readGoldenCase;
using bathy::test::ruleTokens;

// T6 with the published head sizes, so that the packed records apply.
std::string publishedHeadsConfig() {
    auto config = nlohmann::json::parse(readGoldenCase("v4_tiny/t6").configJson);
    config["head_dim"] = 512;
    config["qk_rope_head_dim"] = 64;
    config["index_head_dim"] = 128;
    config["num_attention_heads"] = 2;
    config["num_hidden_layers"] = 4;
    config["compress_ratios"] = {0, 4, 16, 4};
    config["num_nextn_predict_layers"] = 0;
    return config.dump();
}

class Formats : public testing::Test {
protected:
    Formats() : loaded(publishedHeadsConfig(), {}), tokens(ruleTokens(90, 96)) {}

    Logits run(Precision precision, KvFormat format, std::size_t chunk = 90) {
        return loaded.feed(*loaded.newState(precision, format), tokens, chunk);
    }

    LoadedCase loaded;
    std::vector<TokenId> tokens;
};

TEST_F(Formats, Fast_gives_the_same_bits_however_rows_are_stored) {
    const auto packed = run(Precision::Fast, KvFormat::Packed);
    EXPECT_EQ(run(Precision::Fast, KvFormat::BF16), packed);
    EXPECT_EQ(run(Precision::Fast, KvFormat::Packed, 1), packed);
    EXPECT_EQ(run(Precision::Fast, KvFormat::Packed, 7), packed);
}

TEST_F(Formats, Fast_with_f32_rows_keeps_them_off_the_grid) {
    EXPECT_EQ(run(Precision::Fast, KvFormat::F32), run(Precision::Exact, KvFormat::F32));
}

TEST_F(Formats, Fast_differs_from_exact_by_a_little) {
    const auto exact = run(Precision::Exact, KvFormat::F32);
    const auto fast = run(Precision::Fast, KvFormat::Packed);
    double sum = 0;
    double norm = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
        sum += std::pow(static_cast<double>(exact[i]) - fast[i], 2);
        norm += std::pow(static_cast<double>(exact[i]), 2);
    }
    EXPECT_GT(sum, 0);
    EXPECT_LT(std::sqrt(sum / norm), 0.25);
}

TEST_F(Formats, Exact_bf16_rows_are_near_exact_float_rows) {
    const auto exact = run(Precision::Exact, KvFormat::F32);
    const auto bf16 = run(Precision::Exact, KvFormat::BF16);
    EXPECT_NE(exact, bf16);
    EXPECT_EQ(run(Precision::Exact, KvFormat::BF16, 5), bf16);
}

TEST_F(Formats, Fp8_index_keys_run_and_are_cut_independent) {
    const auto whole = run(Precision::Fast, KvFormat::PackedFp8Index);
    EXPECT_EQ(run(Precision::Fast, KvFormat::PackedFp8Index, 3), whole);
    for (const float logit : whole)
        ASSERT_TRUE(std::isfinite(logit));
}

TEST_F(Formats, Auto_takes_the_smallest_that_loses_nothing) {
    EXPECT_EQ(loaded.newState(Precision::Fast)->kvFormat(), KvFormat::Packed);
    EXPECT_EQ(loaded.newState(Precision::Exact)->kvFormat(), KvFormat::F32);
    const auto golden = readGoldenCase("v4_tiny/t6");
    LoadedCase tiny(golden.configJson, golden.rule);
    EXPECT_EQ(tiny.newState(Precision::Fast)->kvFormat(), KvFormat::BF16);
    EXPECT_EQ(tiny.feed(*tiny.newState(Precision::Fast), golden.tokens),
              tiny.feed(*tiny.newState(Precision::Fast, KvFormat::BF16), golden.tokens));
}

TEST_F(Formats, Packed_rows_are_refused_where_they_are_not_defined) {
    StateOptions options;
    options.precision = Precision::Exact;
    options.kvFormat = KvFormat::Packed;
    auto refused = loaded.model().createState(options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::Unsupported);
    const auto golden = readGoldenCase("v4_tiny/t6");
    LoadedCase tiny(golden.configJson, golden.rule);
    options.precision = Precision::Fast;
    refused = tiny.model().createState(options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::Unsupported);
    EXPECT_FALSE(refused.error().hint().empty());
}

TEST_F(Formats, Bytes_are_those_of_the_footprint) {
    using namespace deepseek_v4;
    const auto config = *parseConfig(publishedHeadsConfig());
    const std::pair<KvFormat, KvStorage> formats[] = {{KvFormat::F32, KvStorage::F32},
                                                      {KvFormat::BF16, KvStorage::BF16},
                                                      {KvFormat::Packed, KvStorage::Packed},
                                                      {KvFormat::PackedFp8Index, KvStorage::PackedFp8Index}};
    for (const auto& [format, storage] : formats) {
        const auto state = loaded.newState(Precision::Fast, format);
        loaded.feed(*state, tokens);
        const auto memory = state->memory();
        const auto planned = kvBytes(config, storage, 90);
        EXPECT_EQ(memory.bytes[telemetry::KvPart::Window], planned.window);
        EXPECT_EQ(memory.bytes[telemetry::KvPart::SparseEntries], planned.csaEntries);
        EXPECT_EQ(memory.bytes[telemetry::KvPart::IndexKeys], planned.indexKeys);
        EXPECT_EQ(memory.bytes[telemetry::KvPart::HeavyEntries], planned.hcaEntries);
        EXPECT_EQ(memory.bytes[telemetry::KvPart::CompressorState], planned.compressorState);
        EXPECT_GE(memory.reservedBytes, memory.bytes.total());
    }
}

} // namespace
} // namespace bathy::model::test
