// A restored state says what the one that was saved would have said, bit for bit, and bytes that cannot be a state's
// are refused.
#include "engine/snapshot/store.h"
#include "tests/engine/model/model_fixture.h"
#include "tests/support/rule_model.h"
#include "tests/support/scratch_folder.h"

#include <filesystem>

namespace bathy::snapshot::test {
namespace {

using bathy::model::test::LoadedCase;
using bathy::model::test::Logits;
using bathy::test::GoldenCase;
using bathy::test::readGoldenCase;

Store openStore(const std::filesystem::path& folder, std::int64_t blockTokens = 128) {
    return Store(folder, {blockTokens, std::chrono::minutes(0)});
}

Content contentOf(std::span<const TokenId> tokens) {
    Content content;
    content.tokens.assign(tokens.begin(), tokens.end());
    content.logits = {1, 2, 3};
    content.header.origin.checkpoint = "a checkpoint";
    return content;
}

Content contentOf(std::span<const TokenId> tokens, const model::SequenceState& state) {
    auto content = contentOf(tokens);
    content.header.origin.precision = state.precision();
    content.header.origin.kvFormat = state.kvFormat();
    return content;
}

// Saves after `length` tokens, restores, and feeds the rest to both.
void expectSame(LoadedCase& loaded, std::span<const TokenId> tokens, std::size_t length, Precision precision,
                KvFormat format) {
    const bathy::test::ScratchFolder folder;
    const auto store = openStore(folder.path());
    const auto state = loaded.newState(precision, format);
    loaded.feed(*state, tokens.first(length));
    const auto saved = store.save(*state, contentOf(tokens.first(length), *state), {});
    ASSERT_TRUE(saved) << saved.error().what();
    const auto restored = store.load(*SnapshotFile::open(saved->file), loaded.model(), {}, {});
    ASSERT_TRUE(restored) << restored.error().what();
    EXPECT_EQ(restored->state->length(), static_cast<std::int64_t>(length));
    EXPECT_EQ(restored->state->kvFormat(), state->kvFormat());
    EXPECT_EQ(restored->bytes, saved->bytes);
    EXPECT_EQ(restored->content.tokens.size(), length);
    const auto rest = tokens.subspan(length, std::min<std::size_t>(20, tokens.size() - length));
    EXPECT_EQ(loaded.feed(*restored->state, rest), loaded.feed(*state, rest)) << "after " << length << " tokens";
}

TEST(RestoredState, ofV4_goesOnBitForBitAtEveryPhase) {
    const auto golden = readGoldenCase("v4_tiny/t6b");
    LoadedCase loaded(golden.configJson, golden.rule);
    for (const std::size_t length : {1, 2, 3, 4, 5, 7, 8, 63, 127, 128, 129, 130, 131, 255, 256, 257})
        expectSame(loaded, golden.tokens, length, Precision::Exact, KvFormat::Auto);
    for (const std::size_t length : {6, 128, 250})
        expectSame(loaded, golden.tokens, length, Precision::Fast, KvFormat::BF16);
}

TEST(RestoredState, ofOtherFamilies_goesOnBitForBit) {
    for (const auto* name : {"qwen2_math", "v3_shaped", "v32_sparse"}) {
        const auto golden = readGoldenCase(std::string("families/") + name);
        LoadedCase loaded(
            [&](const auto& folder) { bathy::test::writeFamilyModel(folder, golden.configJson, golden.rule); });
        for (const std::size_t length : {1, 100, 257})
            expectSame(loaded, golden.tokens, length, Precision::Exact, KvFormat::Auto);
        expectSame(loaded, golden.tokens, 130, Precision::Fast, KvFormat::Auto);
    }
}

TEST(RestoredState, goesBackAsFarAsTheSlackWithoutReadingAgain) {
    const auto golden = readGoldenCase("v4_tiny/t6b");
    LoadedCase loaded(golden.configJson, golden.rule);
    const bathy::test::ScratchFolder folder;
    const auto store = openStore(folder.path());
    const auto state = loaded.newState();
    loaded.feed(*state, std::span(golden.tokens).first(200));
    const auto saved = store.save(*state, contentOf(std::span(golden.tokens).first(200), *state), {});
    ASSERT_TRUE(saved);
    const auto restored = store.load(*SnapshotFile::open(saved->file), loaded.model(), {}, {});
    ASSERT_TRUE(restored);
    ASSERT_EQ(restored->state->truncate(195), 195);
    ASSERT_EQ(state->truncate(195), 195);
    const auto rest = std::span(golden.tokens).subspan(195, 20);
    EXPECT_EQ(loaded.feed(*restored->state, rest), loaded.feed(*state, rest));
}

TEST(RestoredState, checkpointsComeAlong) {
    const auto golden = readGoldenCase("v4_tiny/t6b");
    LoadedCase loaded(golden.configJson, golden.rule);
    const bathy::test::ScratchFolder folder;
    const auto store = openStore(folder.path());
    const auto state = loaded.newState();
    const auto tokens = std::span(golden.tokens);
    for (std::size_t begin = 0; begin < 200; begin += 50) {
        loaded.feed(*state, tokens.subspan(begin, 50));
        state->keepCheckpoint();
    }
    const auto saved = store.save(*state, contentOf(tokens.first(200), *state), {});
    ASSERT_TRUE(saved);
    const auto restored = store.load(*SnapshotFile::open(saved->file), loaded.model(), {}, {});
    ASSERT_TRUE(restored) << restored.error().what();
    ASSERT_EQ(restored->state->truncate(140), 100);
    ASSERT_EQ(state->truncate(140), 100);
    const auto rest = tokens.subspan(100, 20);
    EXPECT_EQ(loaded.feed(*restored->state, rest), loaded.feed(*state, rest));
}

TEST(RestoredState, conversationsThatBeginAlike_shareTheirBlocks) {
    const auto golden = readGoldenCase("v4_tiny/t6b");
    LoadedCase loaded(golden.configJson, golden.rule);
    const bathy::test::ScratchFolder folder;
    const auto store = openStore(folder.path());
    const auto first = loaded.newState();
    const auto tokens = std::span(golden.tokens);
    loaded.feed(*first, tokens.first(256), 100);
    ASSERT_TRUE(store.save(*first, contentOf(tokens.first(256), *first), {}));
    std::vector<TokenId> other(tokens.begin(), tokens.begin() + 256);
    other.push_back(TokenId{3});
    const auto second = loaded.newState();
    loaded.feed(*second, other, 7);
    const auto saved = store.save(*second, contentOf(other, *second), {});
    ASSERT_TRUE(saved);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path() / "blocks"), {}), 3)
        << "two of 128 tokens, and one of the token behind them";
    EXPECT_LT(saved->newBytes, saved->bytes);
}

TEST(RestoredState, rowsThatCannotBe_areRefusedAndTheStateStaysEmptyAndUsable) {
    const auto golden = readGoldenCase("v4_tiny/t6b");
    LoadedCase loaded(golden.configJson, golden.rule);
    const auto state = loaded.newState();
    loaded.feed(*state, std::span(golden.tokens).first(200));
    const auto lasting = *state->lastingRows(0, 200);
    const auto recent = *state->recentRows();
    const auto fresh = loaded.newState();
    EXPECT_EQ(fresh->restoreLasting(0, 200, std::span(lasting).first(lasting.size() - 1)).error().code(),
              ErrorCode::BadFile);
    EXPECT_EQ(fresh->restoreLasting(-4, 200, lasting).error().code(), ErrorCode::BadFile);
    EXPECT_EQ(fresh->restoreLasting(0, 1'000'000'000, lasting).error().code(), ErrorCode::ContextFull);
    EXPECT_EQ(state->restoreLasting(0, 200, lasting).error().code(), ErrorCode::BadArgument);
    ASSERT_TRUE(fresh->restoreLasting(0, 200, lasting));
    EXPECT_EQ(fresh->restoreRecent(199, recent).error().code(), ErrorCode::BadFile) << "rows of a later position";
    EXPECT_EQ(fresh->restoreRecent(204, recent).error().code(), ErrorCode::BadFile) << "rows are missing";
    for (const std::size_t length :
         {std::size_t{0}, std::size_t{1}, std::size_t{15}, std::size_t{16}, recent.size() - 1})
        EXPECT_FALSE(fresh->restoreRecent(200, std::span(recent).first(length))) << length;
    EXPECT_EQ(fresh->length(), 0);
    ASSERT_TRUE(fresh->restoreRecent(200, recent)) << "after all that was refused";
    const auto rest = std::span(golden.tokens).subspan(200, 20);
    EXPECT_EQ(loaded.feed(*fresh, rest), loaded.feed(*state, rest));
}

} // namespace
} // namespace bathy::snapshot::test
