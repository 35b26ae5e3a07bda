// Random checkpoints of every family: they open, verify and compute; with headers alone they count as the published.
#include "engine/model/load.h"
#include "engine/model/scale_check.h"
#include "engine/model/synth/write.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/v4_rule_model.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

using namespace bathy;
using namespace bathy::model;
using bathy::test::ScratchFolder;

namespace {

Result<synth::Written> write(std::string_view preset, const std::filesystem::path& folder, bool headersOnly,
                             const synth::Overrides& overrides = {}) {
    ThreadPool pool(2);
    synth::WriteOptions options;
    options.pool = &pool;
    options.headersOnly = headersOnly;
    BATHY_TRY(const auto made, synth::makePreset(preset, overrides));
    return synth::writeCheckpoint(made, folder, options);
}

// Logits of the last of `count` tokens.
std::vector<float> lastLogits(const std::filesystem::path& folder, std::int64_t count) {
    ThreadPool pool(2);
    LoadOptions load;
    load.pool = &pool;
    const auto loaded = loadModel(folder, load);
    if (!loaded)
        throw std::runtime_error(loaded.error().what());
    const auto state = std::move(*loaded->model->createState({}));
    std::vector<float> logits(static_cast<std::size_t>(loaded->model->vocabularySize()));
    ForwardOptions options;
    options.logitsAt = LogitsAt::Last;
    options.logits = logits;
    const auto tokens = bathy::test::ruleTokens(count, loaded->model->vocabularySize());
    if (const auto fed = loaded->model->forward(*state, tokens, options); !fed)
        throw std::runtime_error(fed.error().what());
    return logits;
}

struct Published {
    const char* preset;
    double total, active, draft; // billions
    std::uint64_t bytes;
};

} // namespace

TEST(SynthFamilies, tinyPresets_openVerifyAndGiveFiniteLogits) {
    for (const auto* preset : {"tiny-v3", "tiny-v32", "tiny-qwen2", "tiny-qwen3", "tiny-llama"}) {
        SCOPED_TRACE(preset);
        ScratchFolder folder;
        const auto made = write(preset, folder.path() / "m", false);
        ASSERT_TRUE(made) << made.error().what();
        const auto opened = openModel(folder.path() / "m");
        ASSERT_TRUE(opened) << opened.error().what();
        EXPECT_TRUE((*opened)->files().notes().empty());
        auto report = (*opened)->compare();
        ASSERT_TRUE(checkScales((*opened)->files(), ScaleScope::All, {}, {}, report));
        EXPECT_TRUE(report.ok());
        const auto logits = lastLogits(folder.path() / "m", 40);
        EXPECT_TRUE(std::all_of(logits.begin(), logits.end(), [](float x) { return std::isfinite(x); }));
        const auto [low, high] = std::minmax_element(logits.begin(), logits.end());
        EXPECT_GT(*high - *low, 0.5F);
        EXPECT_LT(std::max(std::fabs(*low), std::fabs(*high)), 100.0F);
    }
}

TEST(SynthFamilies, headersOnly_countAsPublished) {
    for (const auto& model :
         {Published{"v3", 671.03, 36.63, 13.46, 688'577'000'000},
          Published{"v32", 671.88, 37.48, 13.48, 689'500'000'000}, Published{"v2-lite", 15.71, 2.45, 0, 31'413'000'000},
          Published{"r1-qwen-1.5b", 1.777, 1.544, 0, 3'554'000'000},
          Published{"r1-qwen-7b", 7.616, 7.071, 0, 15'231'000'000},
          Published{"r1-llama-8b", 8.030, 7.505, 0, 16'060'000'000}}) {
        SCOPED_TRACE(model.preset);
        ScratchFolder folder;
        const auto made = write(model.preset, folder.path() / "m", true);
        ASSERT_TRUE(made) << made.error().what();
        const auto opened = openModel(folder.path() / "m");
        ASSERT_TRUE(opened) << opened.error().what();
        const auto card = (*opened)->describe();
        EXPECT_NEAR(static_cast<double>(card.parametersTotal) / 1e9, model.total, model.total * 0.002);
        EXPECT_NEAR(static_cast<double>(card.parametersActive) / 1e9, model.active, model.active * 0.01);
        EXPECT_NEAR(static_cast<double>(card.parametersDraft) / 1e9, model.draft, 0.05);
        EXPECT_NEAR(static_cast<double>(card.weightBytes), static_cast<double>(model.bytes),
                    static_cast<double>(model.bytes) * 0.003);
    }
}

TEST(SynthFamilies, overrides_cutLayersAndExperts) {
    ScratchFolder folder;
    ASSERT_TRUE(write("v3", folder.path() / "m", true, {5, 16}));
    const auto card = openModel(folder.path() / "m").value()->describe();
    EXPECT_EQ(card.layers.size(), 5U);
    EXPECT_EQ(card.layers[2].router, RouterForm::None);
    EXPECT_EQ(card.layers[3].router, RouterForm::Learned);
    EXPECT_EQ(card.routedExperts, 16);
    EXPECT_EQ(card.draftStages, 1);
    EXPECT_FALSE(synth::makePreset("v3", {62, {}}));
    EXPECT_FALSE(synth::makePreset("v3", {{}, 12})); // no whole groups
    EXPECT_FALSE(synth::makePreset("r1-qwen-7b", {{}, 8}));
}

TEST(SynthFamilies, twinOfAFolder_hasItsShapesAndDtypes) {
    ScratchFolder folder;
    ASSERT_TRUE(write("tiny-v3", folder.path() / "m", true));
    ASSERT_TRUE(write((folder.path() / "m").string(), folder.path() / "twin", true));
    const auto first = openModel(folder.path() / "m").value()->describe();
    const auto twin = openModel(folder.path() / "twin").value()->describe();
    EXPECT_EQ(first.weightBytes, twin.weightBytes);
    EXPECT_EQ(first.tensorCount, twin.tensorCount);
}
