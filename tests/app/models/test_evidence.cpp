// Where attention lay, put together from what the engine says of each layer.
#include "app/models/evidence.h"

#include <gtest/gtest.h>
#include <numeric>

namespace bathy::models {
namespace {

using api::AttentionKind;

const std::vector<api::LayerCard> kLayers{{AttentionKind::SlidingWindow, 0, {}},
                                          {AttentionKind::CompressedSparse, 4, {}},
                                          {AttentionKind::HeavilyCompressed, 128, {}},
                                          {AttentionKind::CompressedSparse, 4, {}}};

api::ProbeAnswer sampleAnswer() {
    api::ProbeAnswer answer;
    answer.position = Position{99};
    answer.layers = {{LayerId{0}, {}, {0.5F, 0.25F}, 0.25F},
                     {LayerId{1}, {{2, 8, 12, 0.4F}, {24, 96, 100, 0.2F}}, {0.25F, 0.125F}, 0.025F},
                     {LayerId{2}, {{0, 0, 128, 1.0F}}, {}, 0},
                     {LayerId{3}, {{2, 8, 12, 0.2F}}, {0.5F, 0.125F}, 0.175F}};
    return answer;
}

float sum(const std::vector<float>& shares, std::size_t begin, std::size_t end) {
    return std::accumulate(shares.begin() + static_cast<std::ptrdiff_t>(begin),
                           shares.begin() + static_cast<std::ptrdiff_t>(end), 0.0F);
}

TEST(Evidence, ofChosenEntries_isTheMeanOverTheLayersThatChoose) {
    const auto evidence = evidenceOf(sampleAnswer(), kLayers, {EvidencePart::Chosen, {}});
    EXPECT_EQ(evidence.layers, 2);
    ASSERT_EQ(evidence.shares.size(), 100U);
    EXPECT_FLOAT_EQ(evidence.shares[8], 0.6F / 4 / 2);
    EXPECT_FLOAT_EQ(sum(evidence.shares, 8, 12), 0.3F);
    EXPECT_FLOAT_EQ(sum(evidence.shares, 96, 100), 0.1F);
    EXPECT_NEAR(evidence.counted, 0.4, 1e-6);
    EXPECT_NEAR(evidence.nowhere, 0.1, 1e-6);
    ASSERT_EQ(evidence.passages.size(), 2U);
    EXPECT_LE(evidence.passages[0].begin, 8);
    EXPECT_GE(evidence.passages[0].end, 12);
    EXPECT_NEAR(evidence.passages[0].share, 0.3, 1e-6);
    EXPECT_EQ(evidence.passages[1].end, 100);
}

TEST(Evidence, ofOneLayer_isThatLayerAlone) {
    const auto evidence = evidenceOf(sampleAnswer(), kLayers, {EvidencePart::Chosen, LayerId{3}});
    EXPECT_EQ(evidence.layers, 1);
    EXPECT_FLOAT_EQ(sum(evidence.shares, 0, 100), 0.2F);
    EXPECT_EQ(evidenceOf(sampleAnswer(), kLayers, {EvidencePart::Chosen, LayerId{0}}).layers, 0);
}

TEST(Evidence, ofTheWindow_endsWithThePositionItself) {
    const auto evidence = evidenceOf(sampleAnswer(), kLayers, {EvidencePart::Window, LayerId{0}});
    EXPECT_FLOAT_EQ(evidence.shares[99], 0.25F);
    EXPECT_FLOAT_EQ(evidence.shares[98], 0.5F);
    EXPECT_FLOAT_EQ(sum(evidence.shares, 0, 98), 0);
}

TEST(Evidence, ofEntriesThatReachBeyondThePosition_staysWithin) {
    const auto evidence = evidenceOf(sampleAnswer(), kLayers, {EvidencePart::Compressed, {}});
    EXPECT_EQ(evidence.layers, 1);
    EXPECT_NEAR(evidence.counted, 1, 1e-5);
    EXPECT_FLOAT_EQ(evidence.shares[50], 0.01F);
}

TEST(Evidence, ofAll_addsUpToWhatWentSomewhere) {
    const auto evidence = evidenceOf(sampleAnswer(), kLayers, {EvidencePart::All, {}});
    EXPECT_EQ(evidence.layers, 4);
    EXPECT_NEAR(evidence.counted + evidence.nowhere, (0.75 + 0.25 + 1 + 1 + 1) / 4, 1e-5);
}

TEST(Evidence, fromAHostileAnswer_isEmptyOrCut) {
    auto answer = sampleAnswer();
    answer.position = Position{-1};
    EXPECT_TRUE(evidenceOf(answer, kLayers, {}).shares.empty());
    answer.position = Position{3};
    answer.layers[1].entries = {{0, -50, 2, 0.5F}, {1, 90, 80, 0.5F}, {2, 1'000'000, 2'000'000, 1}};
    answer.layers[1].window.assign(1000, 0.1F);
    answer.layers.push_back({LayerId{77}, {}, {}, 0});
    const auto evidence = evidenceOf(answer, kLayers, {EvidencePart::All, LayerId{1}});
    EXPECT_EQ(evidence.shares.size(), 4U);
}

TEST(Evidence, partsThatAModelHas) {
    const std::vector<api::LayerCard> dense{{AttentionKind::Grouped, 0, {}}};
    EXPECT_TRUE(hasPart(kLayers, EvidencePart::Chosen));
    EXPECT_FALSE(hasPart(dense, EvidencePart::Chosen));
    EXPECT_FALSE(hasPart(dense, EvidencePart::Compressed));
    EXPECT_TRUE(hasPart(dense, EvidencePart::All));
}

TEST(Passages, lieApart_andTheStrongestComesFirst) {
    std::vector<float> shares(200, 0.0F);
    shares[100] = 0.5F;
    shares[105] = 0.4F; // within the first one
    shares[120] = 0.3F;
    shares[2] = 0.1F;
    const auto passages = passagesOf(shares, 5);
    ASSERT_EQ(passages.size(), 3U);
    EXPECT_NEAR(passages[0].share, 0.9, 1e-6);
    EXPECT_EQ(passages[1].begin, passages[0].end);
    EXPECT_EQ(passages[2].begin, 0);
    EXPECT_EQ(passagesOf(shares, 1).size(), 1U);
    EXPECT_TRUE(passagesOf({}, 5).empty());
}

} // namespace
} // namespace bathy::models
