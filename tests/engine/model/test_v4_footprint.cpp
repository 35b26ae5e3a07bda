#include "engine/model/deepseek_v4/footprint.h"

#include "engine/model/model_card.h"
#include "engine/model/synth/preset.h"

#include <gtest/gtest.h>

using namespace bathy::model::deepseek_v4;

namespace {

Config config(std::string_view preset) {
    return parseConfig(bathy::model::synth::makePreset(preset).value().configJson).value();
}

double mebibytes(std::uint64_t bytes) {
    return static_cast<double>(bytes) / 1048576;
}

} // namespace

TEST(V4Footprint, flashParameters_equalTheSpecsTable) {
    const auto count = countParameters(config("v4-flash"));
    const std::array<std::uint64_t, kComponentCount> expected{
        4'599'123'136, 261'464'576,     225'730'176, 33'818'898,  352'256, 45'099'008,
        1'082'130'432, 277'025'390'592, 529'530'880, 529'530'880, 69'637};
    EXPECT_EQ(count.totalBy, expected);
    EXPECT_EQ(count.activeBy[static_cast<std::size_t>(Component::RoutedExperts)], 6'492'782'592U);
    EXPECT_EQ(count.activeBy[static_cast<std::size_t>(Component::Embedding)], 4096U);
    EXPECT_NEAR(static_cast<double>(count.total), 284.332e9, 0.0005e9);
    EXPECT_NEAR(static_cast<double>(count.active), 13.270e9, 0.0005e9);
    EXPECT_NEAR(static_cast<double>(countDraftParameters(config("v4-flash"), {DraftKind::Mtp, 1})), 6.610e9, 0.0005e9);
}

TEST(V4Footprint, proParameters_equalTheSpecsTable) {
    const auto count = countParameters(config("v4-pro"));
    const std::array<std::uint64_t, kComponentCount> expected{
        18'293'589'632, 670'128'640,       501'384'960, 83'954'910,  874'496, 167'925'504,
        4'029'677'568,  1'547'396'186'112, 926'679'040, 926'679'040, 121'861};
    EXPECT_EQ(count.totalBy, expected);
    EXPECT_NEAR(static_cast<double>(count.total), 1572.997e9, 0.0005e9);
    EXPECT_NEAR(static_cast<double>(count.active), 48.852e9, 0.0005e9);
    EXPECT_NEAR(static_cast<double>(countDraftParameters(config("v4-pro"), {DraftKind::Mtp, 1})), 25.840e9, 0.0005e9);
}

TEST(V4Footprint, dsparkDraftStages_equalThePublishedTotals) {
    auto flash = config("v4-flash");
    flash.dspark = DsparkConfig{5, 128799, 256, {40, 41, 42}};
    const auto total = countParameters(flash).total + countDraftParameters(flash, {DraftKind::Dspark, 3});
    EXPECT_NEAR(static_cast<double>(total), 304.18e9, 0.005e9);
    auto pro = config("v4-pro");
    pro.dspark = DsparkConfig{5, 128799, 512, {58, 59, 60}};
    const auto proTotal = countParameters(pro).total + countDraftParameters(pro, {DraftKind::Dspark, 3});
    EXPECT_NEAR(static_cast<double>(proTotal), 1650.5e9, 0.05e9);
}

TEST(V4Footprint, rowsAndKeys_haveThePublishedSizes) {
    const auto flash = config("v4-flash");
    EXPECT_EQ(kvRowBytes(flash, KvStorage::Packed), 584U);
    EXPECT_EQ(kvRowBytes(flash, KvStorage::BF16), 1024U);
    EXPECT_EQ(indexKeyBytes(flash, KvStorage::Packed), 68U);
    EXPECT_EQ(indexKeyBytes(flash, KvStorage::PackedFp8Index), 132U);
    EXPECT_EQ(indexKeyBytes(flash, KvStorage::BF16), 256U);
}

TEST(V4Footprint, kvPerToken_equalsTheSpecsTable) {
    struct Row {
        KvStorage storage;
        double flash, pro, flashRings, proRings; // bytes per token, MiB
    };
    for (const auto& row :
         {Row{KvStorage::BF16, 6880, 9848, 5.38, 7.62}, Row{KvStorage::PackedFp8Index, 3850.2, 5511.4, 3.07, 4.35},
          Row{KvStorage::Packed, 3514.2, 5031.4, 3.07, 4.35}, Row{KvStorage::F32, 13760, 19696, 10.75, 15.25}}) {
        EXPECT_NEAR(kvBytesPerToken(config("v4-flash"), row.storage), row.flash, 0.06);
        EXPECT_NEAR(kvBytesPerToken(config("v4-pro"), row.storage), row.pro, 0.06);
        EXPECT_NEAR(mebibytes(kvBytes(config("v4-flash"), row.storage, 0).window), row.flashRings, 0.006);
        EXPECT_NEAR(mebibytes(kvBytes(config("v4-pro"), row.storage, 0).window), row.proRings, 0.006);
    }
    EXPECT_EQ(bathy::model::v32BytesPerToken(), 48068);
    EXPECT_EQ(bathy::model::gqaBytesPerToken(43), 43 * 4096);
}

TEST(V4Footprint, kvTotals_equalTheSpecsTable) {
    struct Row {
        const char* preset;
        KvStorage storage;
        double at[3]; // MiB at 4k, 128k, 1M
    };
    for (const auto& row : {Row{"v4-flash", KvStorage::BF16, {32.25, 865.4, 6885.4}},
                            Row{"v4-flash", KvStorage::PackedFp8Index, {18.1, 484.3, 3853.3}},
                            Row{"v4-flash", KvStorage::Packed, {16.8, 442.3, 3517.3}},
                            Row{"v4-pro", KvStorage::BF16, {46.1, 1238.6, 9855.6}},
                            Row{"v4-pro", KvStorage::PackedFp8Index, {25.9, 693.3, 5515.8}},
                            Row{"v4-pro", KvStorage::Packed, {24.0, 633.3, 5035.8}}})
        for (int i = 0; i < 3; ++i) {
            constexpr std::int64_t kLengths[] = {4096, 131072, 1048576};
            EXPECT_NEAR(mebibytes(kvBytes(config(row.preset), row.storage, kLengths[i]).entriesAndRings()), row.at[i],
                        0.06)
                << row.preset << " " << i;
        }
}

TEST(V4Footprint, compressorState_equalsTheReference) {
    EXPECT_NEAR(mebibytes(kvBytes(config("v4-flash"), KvStorage::F32, 0).compressorState), 11.64, 0.006);
    EXPECT_NEAR(mebibytes(kvBytes(config("v4-pro"), KvStorage::F32, 0).compressorState), 17.84, 0.006);
}

TEST(V4Footprint, entries_appearWhenTheirLastTokenDoes) {
    const auto tiny = config("tiny-v4"); // two CSA layers of ratio 4, two HCA layers of ratio 8
    EXPECT_EQ(kvBytes(tiny, KvStorage::F32, 3).csaEntries, 0U);
    EXPECT_EQ(kvBytes(tiny, KvStorage::F32, 4).csaEntries, 2U * 32 * 4);
    EXPECT_EQ(kvBytes(tiny, KvStorage::F32, 7).hcaEntries, 0U);
    EXPECT_EQ(kvBytes(tiny, KvStorage::F32, 8).hcaEntries, 2U * 32 * 4);
    EXPECT_EQ(kvBytes(tiny, KvStorage::F32, 8).indexKeys, 2U * 2 * 32 * 4);
}
