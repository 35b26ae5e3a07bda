#include "engine/model/deepseek_v4/open.h"

#include "engine/base/text_file.h"
#include "engine/checkpoint/safetensors_writer.h"
#include "engine/model/scale_check.h"
#include "engine/model/synth/preset.h"
#include "tests/support/opened_v4.h"
#include "tests/support/scratch_folder.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>

using namespace bathy;
using namespace bathy::model::deepseek_v4;
using bathy::checkpoint::SafetensorsWriter;
using bathy::checkpoint::TensorPlan;
using bathy::model::checkScales;
using bathy::model::ScaleScope;
using bathy::test::asV4;

namespace {

const std::filesystem::path kBad = std::filesystem::path(BATHY_SOURCE_DIR) / "tests" / "fuzz" / "bad_checkpoints";

// A checkpoint whose data are holes: only names, dtypes and shapes matter.
void writeHoles(const std::filesystem::path& folder, const std::vector<TensorPlan>& plans, const std::string& config) {
    auto writer = SafetensorsWriter::create(folder / "model.safetensors", plans);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->finishSparse());
    ASSERT_TRUE(writeFileAtomically(folder / "config.json", config));
}

std::string presetJson(std::string_view name) {
    return model::synth::makePreset(name).value().configJson;
}

std::vector<TensorPlan> plainPlans(const Config& config, DraftStages draft) {
    std::vector<TensorPlan> plans;
    const auto add = [&](const TensorSpec& spec) {
        plans.push_back({spec.name, spec.role == TensorRole::Table ? DType::I32 : DType::BF16, spec.shape});
    };
    visitMainTensors(config, add);
    visitDraftTensors(config, draft, add);
    return plans;
}

} // namespace

TEST(V4TensorSpec, badCheckpoints_areRefusedWithTheirDifferences) {
    const auto cases = nlohmann::json::parse(readTextFile(kBad / "cases.json", 1 << 20).value());
    ASSERT_GE(cases["folders"].size(), 30U);
    for (const auto& one : cases["folders"]) {
        const auto folder = one["folder"].get<std::string>();
        const auto model = asV4(bathy::model::openModel(kBad / folder));
        // Scales are read in full by verify only; a load looks at those of FP8 blocks, which all these cases are.
        ASSERT_FALSE(model) << folder;
        EXPECT_EQ(exitCode(model.error().code()), 3) << folder;
        for (const auto& word : one["words"])
            EXPECT_NE(model.error().what().find(word.get<std::string>()), std::string::npos)
                << folder << ": " << model.error().what() << " lacks " << word;
    }
    EXPECT_TRUE(bathy::model::openModel(kBad / "good"));
}

TEST(V4TensorSpec, allDifferences_standInOneError) {
    const auto model = asV4(bathy::model::openModel(kBad / "s14_many_differences"));
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().what(),
              "s14_many_differences: the tensors do not match config.json: norm.weight: is missing; "
              "hc_head_base: shape is [3], config.json needs [2]; head.weight: dtype is I64, needed "
              "is F32, BF16, F16, F8_E4M3, packed FP4 or a GGUF block type");
}

TEST(V4TensorSpec, names_areDistinctAndCountAsPublished) {
    const auto config = parseConfig(presetJson("v4-flash")).value();
    std::set<std::string> names;
    std::uint64_t visited = 0;
    const auto add = [&](const TensorSpec& spec) {
        ++visited;
        names.insert(spec.name);
        const bool scaled = spec.published == StoredAs::Fp4 || spec.published == StoredAs::Fp8Blocks;
        if (scaled) {
            ++visited;
            names.insert(scaleName(spec.name));
        }
    };
    visitMainTensors(config, add);
    visitDraftTensors(config, {DraftKind::Mtp, 1}, add);
    EXPECT_EQ(visited, 69'187U);
    EXPECT_EQ(names.size(), visited);
}

TEST(V4TensorSpec, dsparkStages_countAsPublished) {
    auto config = parseConfig(presetJson("v4-flash")).value();
    config.dspark = DsparkConfig{5, 128799, 256, {40, 41, 42}};
    std::uint64_t tensors = 0;
    std::uint64_t bytes = 0;
    const auto add = [&](const TensorSpec& spec) {
        const auto count = spec.elementCount();
        const bool fp4 = spec.published == StoredAs::Fp4;
        const bool fp8 = spec.published == StoredAs::Fp8Blocks;
        tensors += fp4 || fp8 ? 2 : 1;
        bytes += fp4                                ? count / 2 + count / 32
                 : fp8                              ? count + count / 16384
                 : spec.published == StoredAs::BF16 ? count * 2
                 : spec.published == StoredAs::F32  ? count * 4
                                                    : count * 8;
    };
    visitMainTensors(config, add);
    visitDraftTensors(config, {DraftKind::Dspark, 3}, add);
    EXPECT_EQ(tensors, 72'317U);
    EXPECT_EQ(bytes, 166'878'536'440U);
}

TEST(V4TensorSpec, draftKinds_areFoundByTheirTensors) {
    const auto configJson = presetJson("tiny-v4");
    for (const DraftStages draft : {DraftStages{DraftKind::Mtp, 2}, DraftStages{DraftKind::Dspark, 3}, DraftStages{}}) {
        test::ScratchFolder folder;
        auto json = nlohmann::json::parse(configJson);
        if (draft.kind == DraftKind::Dspark) {
            json["dspark_block_size"] = 5;
            json["dspark_noise_token_id"] = 95;
            json["dspark_markov_rank"] = 8;
            json["dspark_target_layer_ids"] = {3, 4, 5};
        }
        const auto config = parseConfig(json.dump()).value();
        writeHoles(folder.path(), plainPlans(config, draft), json.dump());
        const auto model = asV4(bathy::model::openModel(folder.path()));
        ASSERT_TRUE(model) << model.error().what();
        EXPECT_EQ((*model)->draft.kind, draft.kind);
        EXPECT_EQ((*model)->draft.count, draft.count);
    }
}

TEST(V4TensorSpec, copiesOfEmbeddingUnderTheDraft_areIgnoredAndListed) {
    const auto configJson = presetJson("tiny-v4");
    test::ScratchFolder folder;
    auto plans = plainPlans(parseConfig(configJson).value(), {DraftKind::Mtp, 1});
    plans.push_back({"mtp.0.emb.tok_emb.weight", DType::BF16, {96, 64}});
    plans.push_back({"mtp.0.head.weight", DType::BF16, {96, 64}});
    writeHoles(folder.path(), plans, configJson);
    const auto model = asV4(bathy::model::openUnchecked(folder.path()));
    ASSERT_TRUE(model) << model.error().what();
    const auto report = (*model)->compare();
    EXPECT_TRUE(report.ok());
    EXPECT_EQ(report.ignored.size(), 2U);
}

TEST(V4TensorSpec, problems_areCountedBeyondTheList) {
    const auto report = [] {
        test::ScratchFolder folder;
        const auto configJson = presetJson("v4-flash");
        writeHoles(folder.path(), {{"embed.weight", DType::BF16, {129280, 4096}}}, configJson);
        const auto model = asV4(bathy::model::openUnchecked(folder.path())).value();
        return model->compare();
    }();
    EXPECT_EQ(report.problems.size(), kMaxProblems);
    EXPECT_GT(report.problemCount, 30'000U);
}

TEST(V4ScaleCheck, stop_isSeen) {
    const auto model = asV4(bathy::model::openUnchecked(kBad / "s17_scale_zero_f32")).value();
    std::stop_source stop;
    stop.request_stop();
    SpecReport report;
    const auto checked = checkScales(model->checkpoint, ScaleScope::All, {}, stop.get_token(), report);
    ASSERT_FALSE(checked);
    EXPECT_TRUE(checked.error().isCancelled());
}
