#include "engine/model/deepseek_v4/config.h"

#include "engine/base/text_file.h"
#include "engine/model/synth/preset.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace bathy;
using namespace bathy::model::deepseek_v4;

namespace {

const std::filesystem::path kTests = std::filesystem::path(BATHY_SOURCE_DIR) / "tests";

std::string read(const std::filesystem::path& path) {
    return readTextFile(path, 4 << 20).value();
}

std::string presetJson(std::string_view name) {
    return model::synth::makePreset(name).value().configJson;
}

Config presetConfig(std::string_view name) {
    return parseConfig(presetJson(name)).value();
}

std::vector<int> ratios(const Config& config) {
    std::vector<int> list;
    for (const auto& layer : config.layers)
        list.push_back(layer.ratio);
    return list;
}

} // namespace

TEST(V4Config, publishedFlash_hasEveryField) {
    const auto config = presetConfig("v4-flash");
    EXPECT_EQ(config.layerCount(), 43);
    EXPECT_EQ(config.count(AttentionKind::SlidingWindow), 2);
    EXPECT_EQ(config.count(AttentionKind::CompressedSparse), 21);
    EXPECT_EQ(config.count(AttentionKind::HeavilyCompressed), 20);
    EXPECT_EQ(config.layers[2].ratio, 4);
    EXPECT_EQ(config.layers[42].attention, AttentionKind::CompressedSparse);
    EXPECT_EQ(config.layers[2].router, RouterKind::Hash);
    EXPECT_EQ(config.layers[3].router, RouterKind::Learned);
    EXPECT_EQ(config.queryWidth(), 32768);
    EXPECT_EQ(config.groupWidth(), 4096);
    EXPECT_EQ(config.outputMidWidth(), 8192);
    EXPECT_EQ(config.streamWidth(), 16384);
    EXPECT_EQ(config.mixWidth(), 24);
    EXPECT_EQ(config.nopeDim(), 448);
    EXPECT_NEAR(config.attentionScale(), 0.044194174, 1e-9);
    EXPECT_NEAR(config.indexScale(), 0.011048543, 1e-9);
    EXPECT_EQ(config.yarn.factor, 16);
    EXPECT_EQ(config.yarn.originalContext, 65536);
    EXPECT_EQ(config.eosTokens, std::vector<int>{1});
    EXPECT_EQ(config.contextLength, 1048576);
}

TEST(V4Config, publishedPro_startsWithTwoHeavilyCompressedLayers) {
    const auto config = presetConfig("v4-pro");
    EXPECT_EQ(config.layerCount(), 61);
    EXPECT_EQ(config.count(AttentionKind::SlidingWindow), 0);
    EXPECT_EQ(config.count(AttentionKind::CompressedSparse), 30);
    EXPECT_EQ(config.count(AttentionKind::HeavilyCompressed), 31);
    EXPECT_EQ(config.outputMidWidth(), 16384);
}

TEST(V4Config, tinyPresets_equalTheGoldenConfigs) {
    for (const auto& [preset, folder] : {std::pair{"tiny-v4", "t6"}, std::pair{"tiny-v4b", "t6b"}}) {
        const auto golden = nlohmann::json::parse(read(kTests / "golden" / "v4_tiny" / folder / "config.json"));
        EXPECT_EQ(nlohmann::json::parse(presetJson(preset)), golden) << preset;
    }
}

TEST(V4Config, ratioOtherThanFour_isHeavilyCompressed) {
    const auto config = presetConfig("tiny-v4");
    EXPECT_EQ(ratios(config), (std::vector<int>{0, 4, 8, 4, 8, 0}));
    EXPECT_EQ(config.layers[2].attention, AttentionKind::HeavilyCompressed);
    EXPECT_EQ(config.layers[2].compressorParts(), 1);
    EXPECT_EQ(config.layers[1].compressorParts(), 2);
}

TEST(V4Config, transformersForm_meansTheSame) {
    const auto official = parseConfig(read(kTests / "fuzz" / "corpus" / "config" / "good_official.json"));
    const auto transformers = parseConfig(read(kTests / "fuzz" / "corpus" / "config" / "good_transformers.json"));
    ASSERT_TRUE(official) << official.error().what();
    ASSERT_TRUE(transformers) << transformers.error().what();
    EXPECT_EQ(transformers->ropeDim, official->ropeDim);
    EXPECT_EQ(transformers->ropeTheta, official->ropeTheta);
    EXPECT_EQ(transformers->compressRopeTheta, official->compressRopeTheta);
    EXPECT_EQ(transformers->yarn.factor, official->yarn.factor);
    EXPECT_EQ(transformers->layers[0].attention, AttentionKind::CompressedSparse);
    EXPECT_EQ(transformers->layers[0].ratio, 4);
    EXPECT_EQ(transformers->layers[0].router, RouterKind::Hash);
}

TEST(V4Config, layerTypes_decideTheKindWhateverTheRatio) {
    auto json = nlohmann::json::parse(read(kTests / "fuzz" / "corpus" / "config" / "good_transformers.json"));
    json["layer_types"] = {"heavily_compressed_attention"};
    json["compress_rates"] = {{"heavily_compressed_attention", 4}};
    const auto config = parseConfig(json.dump());
    ASSERT_TRUE(config) << config.error().what();
    EXPECT_EQ(config->layers[0].attention, AttentionKind::HeavilyCompressed);
    EXPECT_FALSE(config->layers[0].overlapping());
}

TEST(V4Config, dsparkKeys_areReadAndChecked) {
    auto json = nlohmann::json::parse(presetJson("v4-flash"));
    json["dspark_block_size"] = 5;
    json["dspark_noise_token_id"] = 128799;
    json["dspark_markov_rank"] = 256;
    json["dspark_target_layer_ids"] = {40, 41, 42};
    const auto config = parseConfig(json.dump());
    ASSERT_TRUE(config) << config.error().what();
    EXPECT_EQ(config->dspark->targetLayers, (std::vector<int>{40, 41, 42}));
    json["dspark_target_layer_ids"] = {43};
    EXPECT_FALSE(parseConfig(json.dump()));
}

TEST(V4Config, malformed_namesTheField) {
    const auto cases = nlohmann::json::parse(read(kTests / "fuzz" / "bad_checkpoints" / "cases.json"));
    ASSERT_GE(cases["config"].size(), 30U);
    for (const auto& one : cases["config"]) {
        const auto file = one["file"].get<std::string>();
        const auto config = parseConfig(read(kTests / "fuzz" / "corpus" / "config" / file));
        ASSERT_FALSE(config) << file;
        EXPECT_EQ(exitCode(config.error().code()), 3) << file;
        for (const auto& word : one["words"])
            EXPECT_NE(config.error().what().find(word.get<std::string>()), std::string::npos)
                << file << ": " << config.error().what() << " lacks " << word;
    }
}

TEST(V4Config, everyKeyRemovedOrOfAnotherType_isRefusedOrDefaulted) {
    const auto good = nlohmann::json::parse(read(kTests / "fuzz" / "corpus" / "config" / "good_official.json"));
    for (const auto& [key, value] : good.items())
        for (const nlohmann::json& other : {nlohmann::json(nullptr), nlohmann::json("x"), nlohmann::json(-1),
                                            nlohmann::json(1e300), nlohmann::json::array(), nlohmann::json::object()}) {
            auto changed = good;
            changed[key] = other;
            const auto config = parseConfig(changed.dump());
            if (!config) {
                EXPECT_NE(config.error().what().find("config.json: "), std::string::npos) << key;
            }
        }
}
