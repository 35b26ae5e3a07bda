#include "engine/runtime/card.h"

#include "engine/runtime/memory_planning.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace bathy::runtime {
namespace {

TEST(Card, FirstParagraph_skipsHeadingsAndFrontMatter) {
    EXPECT_EQ(firstParagraph("---\nlicense: x\n---\n# Title\n\n![picture](a.png)\nOne line\nand another.\n\nSecond."),
              "One line and another.");
    EXPECT_EQ(firstParagraph(""), "");
    EXPECT_EQ(firstParagraph("# only a title\n"), "");
}

TEST(Card, FirstParagraph_isCutBetweenCharacters) {
    std::string text;
    for (int i = 0; i < 500; ++i)
        text += "ä";
    const auto cut = firstParagraph("x" + text);
    EXPECT_LE(cut.size(), 603U);
    EXPECT_EQ(cut.substr(cut.size() - 3), "…");
    EXPECT_EQ((cut.size() - 4) % 2, 0U);
}

TEST(Card, OfTheShippedCheckpoint_isComplete) {
    const auto opened = model::openModel(BATHY_SOURCE_DIR "/resources/checkpoints/nano");
    ASSERT_TRUE(opened.has_value()) << opened.error().what();
    const auto card = modelCard(**opened, KvFormat::BF16, {});
    EXPECT_EQ(card.family, "deepseek_v4");
    EXPECT_EQ(card.kv.front().name, "BF16");
    EXPECT_EQ(std::ssize(card.layers), std::ssize((*opened)->describe().layers));
    EXPECT_GT(card.parametersTotal, card.parametersActive);
    EXPECT_FALSE(card.description.empty());
    EXPECT_TRUE(card.fits);
    EXPECT_EQ(card.fingerprint.size(), 16U);
    api::PlanMemory command;
    command.contexts = {0, 1000};
    const auto answer = planMemory(**opened, command);
    ASSERT_TRUE(answer) << answer.error().what();
    ASSERT_EQ(answer->plans.size(), 2U);
    EXPECT_EQ(answer->name, card.name);
    EXPECT_LE(answer->weightBytes, card.weightBytes);
    EXPECT_GT(answer->scratchBytes, 0U);
    EXPECT_EQ(answer->scratchBytes, std::max(answer->plans[0].scratchBytes, answer->plans[1].scratchBytes));
    std::uint64_t weights = 0;
    for (const auto& kind : answer->weights)
        weights += kind.bytes;
    EXPECT_EQ(weights, answer->weightBytes);
    const auto& plan = answer->plans[1];
    EXPECT_GT(plan.kv[telemetry::KvPart::Window], 0U);
    EXPECT_GT(plan.kv[telemetry::KvPart::SparseEntries], 0U);
    EXPECT_EQ(plan.kv[telemetry::KvPart::KeysValues], 0U);
    EXPECT_GT(plan.kv[telemetry::KvPart::Draft], 0U);
    EXPECT_GT(plan.gqaBytes, 0U);
}

} // namespace
} // namespace bathy::runtime
