#include "engine/runtime/card.h"

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
    const auto card = modelCard(**opened, KvFormat::BF16);
    EXPECT_EQ(card.family, "deepseek_v4");
    EXPECT_EQ(card.kv.front().name, "BF16");
    EXPECT_EQ(std::ssize(card.layers), std::ssize((*opened)->describe().layers));
    EXPECT_GT(card.parametersTotal, card.parametersActive);
    EXPECT_FALSE(card.description.empty());
    EXPECT_TRUE(card.fits);
    EXPECT_EQ(card.fingerprint.size(), 16U);
    const auto plan = plannedMemory(**opened, KvFormat::BF16, 1000);
    EXPECT_GT(plan.kv[telemetry::KvPart::Window], 0U);
    EXPECT_GT(plan.kv[telemetry::KvPart::SparseEntries], 0U);
    EXPECT_EQ(plan.kv[telemetry::KvPart::KeysValues], 0U);
    EXPECT_GT(plan.kv[telemetry::KvPart::Draft], 0U);
    EXPECT_GT(plan.gqaBytes, 0U);
}

} // namespace
} // namespace bathy::runtime
