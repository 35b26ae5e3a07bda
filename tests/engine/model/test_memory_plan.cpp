// The plan made from the headers against what the loaded model counts itself.
#include "engine/model/load.h"
#include "engine/model/memory_fit.h"
#include "engine/model/synth/write.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/v4_rule_model.h"

#include <gtest/gtest.h>

using namespace bathy;
using namespace bathy::model;
using bathy::test::ScratchFolder;

namespace {

constexpr std::int64_t kTokens = 64;
constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

void write(std::string_view preset, const std::filesystem::path& folder, bool headersOnly = false) {
    ThreadPool pool(1);
    synth::WriteOptions options;
    options.pool = &pool;
    options.headersOnly = headersOnly;
    const auto made = synth::writeCheckpoint(synth::makePreset(preset).value(), folder, options);
    if (!made)
        throw std::runtime_error(made.error().what());
}

std::uint64_t kindBytes(const MemoryPlan& plan, WeightKind kind) {
    return plan.weights[static_cast<std::size_t>(kind)].all;
}

// 3 GiB of which one token needs 1, and nothing else.
MemoryPlan plainPlan() {
    MemoryPlan plan;
    plan.context = 4096;
    plan.weights[static_cast<std::size_t>(WeightKind::RoutedExperts)] = {3 * kGiB, kGiB};
    return plan;
}

} // namespace

TEST(MemoryPlan, everyFamily_agreesWithTheLoadedModel) {
    for (const auto* preset : {"tiny-v4", "tiny-v3", "tiny-v32", "tiny-qwen2", "tiny-qwen3", "tiny-llama"}) {
        SCOPED_TRACE(preset);
        ScratchFolder folder;
        write(preset, folder.path() / "m");
        ThreadPool pool(2);
        LoadOptions load;
        load.pool = &pool;
        const auto loaded = loadModel(folder.path() / "m", load).value();
        const auto state = std::move(*loaded.model->createState({}));
        PlanOptions wanted;
        wanted.context = kTokens;
        wanted.threads = 2;
        const auto plan = MemoryPlanner(*loaded.opened).plan(wanted);
        ASSERT_TRUE(plan) << plan.error().what();
        EXPECT_EQ(plan->weightBytes().all, loaded.model->weightBytes());
        EXPECT_EQ(plan->scratchBytes, loaded.model->scratchBytesFor(512, kTokens));
        EXPECT_EQ(plan->kvFormat, state->kvFormat());
        ForwardOptions options;
        options.logitsAt = LogitsAt::None;
        options.keepDrafts = true;
        const auto tokens = bathy::test::ruleTokens(kTokens, loaded.model->vocabularySize());
        ASSERT_TRUE(loaded.model->forward(*state, tokens, options));
        EXPECT_EQ(plan->kv, state->memory().bytes);
        EXPECT_LE(plan->leastBytes(), plan->allBytes()); // the same where dense and tied
    }
}

TEST(MemoryPlan, publishedV3_isCountedByKind) {
    ScratchFolder folder;
    write("v3", folder.path() / "m", true);
    const auto opened = openModel(folder.path() / "m");
    ASSERT_TRUE(opened) << opened.error().what();
    PlanOptions wanted;
    wanted.context = 32'768;
    const auto plan = MemoryPlanner(**opened).plan(wanted);
    ASSERT_TRUE(plan) << plan.error().what();
    const auto& experts = plan->weights[static_cast<std::size_t>(WeightKind::RoutedExperts)];
    // 58 layers of 256 experts of 3 x 2048 x 7168 bytes, and a scale of 4 bytes for each 128 x 128 of them.
    EXPECT_EQ(experts.all, 58ULL * 256 * 3 * (2048 * 7168 + 16 * 56 * 4));
    EXPECT_EQ(experts.least, experts.all / 32);
    EXPECT_EQ(kindBytes(*plan, WeightKind::Output), 129280ULL * 7168 * 2);
    EXPECT_EQ(plan->kv.total(), 32'768ULL * 70'272);
    EXPECT_GT(plan->unreadBytes, 13'000'000'000U); // the draft layer
    EXPECT_FALSE(MemoryPlanner(**opened).plan({.context = 163'841}));
    EXPECT_FALSE(MemoryPlanner(**opened).plan({.kvFormat = KvFormat::Packed}));
}

TEST(MemoryFit, verdict_saysWhatIsMissing) {
    const auto plan = plainPlan();
    const auto fits = judgeFit(plan, {4 * kGiB, kGiB});
    EXPECT_EQ(fits.verdict, FitVerdict::Fits);
    EXPECT_EQ(fits.missingBytes, 0U);
    const auto inPart = judgeFit(plan, {4 * kGiB, 2 * kGiB});
    EXPECT_EQ(inPart.verdict, FitVerdict::FitsInPart);
    EXPECT_EQ(inPart.missingBytes, kGiB);
    EXPECT_EQ(inPart.leastMissing, 0U);
    const auto tooLarge = judgeFit(plan, {kGiB, 2 * kGiB});
    EXPECT_EQ(tooLarge.verdict, FitVerdict::TooLarge);
    EXPECT_EQ(tooLarge.missingBytes, 3 * kGiB);
    EXPECT_EQ(tooLarge.leastMissing, kGiB);
    EXPECT_EQ(defaultReserveBytes(64 * kGiB), kGiB);
    EXPECT_EQ(defaultReserveBytes(kGiB), kGiB / 8);
}

TEST(MemoryFit, refusal_namesTheMissingBytesAndTheWayAround) {
    EXPECT_TRUE(requireFit("m", plainPlan(), {4 * kGiB, 2 * kGiB}));
    const auto refused = requireFit("m", plainPlan(), {kGiB, kGiB / 2});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::OutOfMemory);
    EXPECT_NE(refused.error().what().find("537 MB are missing"), std::string::npos) << refused.error().what();
    EXPECT_NE(refused.error().hint().find("--force"), std::string::npos);
}

TEST(MemoryFit, load_isRefusedUnlessForced) {
    ScratchFolder folder;
    write("tiny-llama", folder.path() / "m");
    ThreadPool pool(1);
    LoadOptions load;
    load.pool = &pool;
    load.reserveBytes = ~std::uint64_t{0}; // all there is
    const auto refused = loadModel(folder.path() / "m", load);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::OutOfMemory);
    load.force = true;
    EXPECT_TRUE(loadModel(folder.path() / "m", load));
}
