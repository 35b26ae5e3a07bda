// The folder of snapshots, with the fake model: what is kept, shared, found, deleted and swept, and what damage does.
#include "engine/snapshot/store.h"
#include "tests/support/fake_model.h"
#include "tests/support/scratch_folder.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>

namespace bathy::snapshot::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class StoreTest : public testing::Test {
protected:
    Store open(std::chrono::minutes grace = std::chrono::minutes(0)) const {
        return Store(m_folder.path() / "snapshots", {128, grace});
    }
    // A state that has read 0, 1, 2, ... modulo the vocabulary, and then `more`.
    std::unique_ptr<model::SequenceState> read(int tokens, const std::vector<TokenId>& more = {}) {
        auto state = *m_model.createState({});
        auto all = tokensOf(tokens);
        all.insert(all.end(), more.begin(), more.end());
        model::ForwardOptions options;
        options.logitsAt = model::LogitsAt::None;
        EXPECT_TRUE(m_model.forward(*state, all, options));
        return state;
    }
    static std::vector<TokenId> tokensOf(int count) {
        std::vector<TokenId> tokens;
        for (int i = 0; i < count; ++i)
            tokens.push_back(TokenId{i % 60});
        return tokens;
    }
    static Content contentOf(const model::SequenceState& state, const std::string& name = {}) {
        Content content;
        content.header.name = name;
        content.header.origin.checkpoint = "c";
        content.tokens = static_cast<const bathy::test::FakeState&>(state).tokens;
        content.logits.assign(64, 1.0F);
        return content;
    }
    Result<Saved> save(const Store& store, int tokens, const std::string& name = {}) {
        const auto state = read(tokens);
        return store.save(*state, contentOf(*state, name), {});
    }
    std::ptrdiff_t blocks() const {
        return std::distance(fs::directory_iterator(m_folder.path() / "snapshots" / "blocks"), {});
    }

    bathy::test::ScratchFolder m_folder;
    bathy::test::FakeModel m_model;
};

TEST_F(StoreTest, saved_isListedFoundAndLoaded) {
    const auto store = open();
    const auto saved = save(store, 300, "a book");
    ASSERT_TRUE(saved) << saved.error().what();
    const auto all = *store.list();
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].tokens, 300);
    EXPECT_EQ(all[0].bytes, saved->bytes);
    EXPECT_FALSE(all[0].problem);
    EXPECT_EQ(store.find("a book")->id, saved->id);
    EXPECT_EQ(store.find(saved->id.substr(0, 6))->id, saved->id);
    EXPECT_EQ(store.find("another").error().code(), ErrorCode::NotFound);
    const auto restored = store.load(*SnapshotFile::open(saved->file), m_model, {}, {});
    ASSERT_TRUE(restored) << restored.error().what();
    EXPECT_EQ(restored->state->length(), 300);
    EXPECT_EQ(static_cast<const bathy::test::FakeState&>(*restored->state).tokens, tokensOf(300));
}

TEST_F(StoreTest, folderAndFiles_areTheOwnersAlone) {
    const auto store = open();
    const auto saved = save(store, 10);
    const auto others = fs::perms::group_all | fs::perms::others_all;
    EXPECT_EQ(fs::status(store.folder()).permissions() & others, fs::perms::none);
    EXPECT_EQ(fs::status(saved->file).permissions() & others, fs::perms::none);
    for (const auto& block : fs::directory_iterator(store.folder() / "blocks"))
        EXPECT_EQ(block.status().permissions() & others, fs::perms::none);
}

TEST_F(StoreTest, savedAgain_isTheSameSnapshotAndWritesNoBlock) {
    const auto store = open();
    const auto first = save(store, 300);
    const auto again = save(store, 300, "named later");
    EXPECT_EQ(first->id, again->id);
    EXPECT_LT(again->newBytes, again->bytes);
    ASSERT_EQ(store.list()->size(), 1u);
    EXPECT_EQ(store.list()->front().header.name, "named later");
}

TEST_F(StoreTest, deleted_leavesTheBlocksThatOthersNeed) {
    const auto store = open();
    const auto shorter = save(store, 256);
    const auto longer = save(store, 300);
    EXPECT_EQ(blocks(), 3);
    ASSERT_TRUE(store.remove(longer->id));
    EXPECT_EQ(blocks(), 2);
    EXPECT_TRUE(store.load(*SnapshotFile::open(shorter->file), m_model, {}, {}));
    ASSERT_TRUE(store.remove(shorter->id));
    EXPECT_EQ(blocks(), 0);
    EXPECT_EQ(store.remove(shorter->id).error().code(), ErrorCode::NotFound);
    EXPECT_EQ(store.remove("../../etc/passwd").error().code(), ErrorCode::NotFound);
}

TEST_F(StoreTest, trimmed_keepsAsManyAsFit_andCountsWhatIsSharedOnce) {
    const auto store = open();
    const auto first = save(store, 300), second = save(store, 600), third = save(store, 900);
    ASSERT_TRUE(first && second && third);
    const auto all = *store.bytes();
    EXPECT_LT(all, first->bytes + second->bytes + third->bytes) << "they begin alike";
    const std::vector<SnapshotId> order{"ffffffffffffffff", first->id, second->id, third->id};
    EXPECT_TRUE(store.trim(order, all)->empty()) << "it fits";
    EXPECT_EQ(*store.bytes(), all);
    EXPECT_EQ(*store.trim(order, all - 1), std::vector<SnapshotId>{first->id});
    EXPECT_LT(*store.bytes(), all);
    EXPECT_EQ(*store.trim(order, third->bytes), std::vector<SnapshotId>{second->id});
    EXPECT_EQ(*store.bytes(), third->bytes);
    EXPECT_TRUE(store.load(*SnapshotFile::open(third->file), m_model, {}, {})) << "its blocks are still there";
    EXPECT_EQ(*store.trim(order, 0), std::vector<SnapshotId>{third->id});
    EXPECT_EQ(*store.bytes(), 0U);
    EXPECT_EQ(blocks(), 0);
}

TEST_F(StoreTest, freshBlocks_areLeftToAnotherProcessThatMayBeAboutToNameThem) {
    const auto store = open(std::chrono::minutes(10));
    const auto saved = save(store, 300);
    ASSERT_TRUE(store.remove(saved->id));
    EXPECT_EQ(blocks(), 3);
    EXPECT_GT(open().sweep(), 0u);
    EXPECT_EQ(blocks(), 0);
}

TEST_F(StoreTest, aDamagedBlock_isNamedThrownAwayAndWrittenAgainByTheNextSave) {
    const auto store = open();
    const auto saved = save(store, 300);
    const auto block = fs::directory_iterator(store.folder() / "blocks")->path();
    {
        std::fstream file(block, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(5);
        file.put('\x7f');
    }
    const auto restored = store.load(*SnapshotFile::open(saved->file), m_model, {}, {});
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().code(), ErrorCode::BadFile);
    EXPECT_THAT(restored.error().what(), HasSubstr(block.filename().string()));
    EXPECT_FALSE(fs::exists(block));
    const auto missing = store.load(*SnapshotFile::open(saved->file), m_model, {}, {});
    EXPECT_THAT(missing.error().what(), HasSubstr("missing"));
    ASSERT_TRUE(save(store, 300));
    EXPECT_TRUE(store.load(*SnapshotFile::open(saved->file), m_model, {}, {}));
}

TEST_F(StoreTest, aShortenedBlock_isRefusedAndWrittenAgain) {
    const auto store = open();
    const auto saved = save(store, 300);
    const auto block = fs::directory_iterator(store.folder() / "blocks")->path();
    fs::resize_file(block, 7);
    EXPECT_EQ(store.load(*SnapshotFile::open(saved->file), m_model, {}, {}).error().code(), ErrorCode::BadFile);
    ASSERT_TRUE(save(store, 300));
    EXPECT_TRUE(store.load(*SnapshotFile::open(saved->file), m_model, {}, {}));
}

TEST_F(StoreTest, aBrokenSnapshot_isListedWithItsProblemAndCanBeDeleted) {
    const auto store = open();
    const auto good = save(store, 200);
    const auto broken = save(store, 300);
    fs::resize_file(broken->file, 50);
    const auto found = store.find(broken->id);
    ASSERT_TRUE(found);
    ASSERT_TRUE(found->problem);
    EXPECT_EQ(found->problem->code(), ErrorCode::BadFile);
    ASSERT_TRUE(store.remove(broken->id));
    EXPECT_TRUE(store.load(*SnapshotFile::open(good->file), m_model, {}, {}));
}

TEST_F(StoreTest, tokensThatTheStateHasNot_areRefused) {
    const auto store = open();
    const auto state = read(10);
    auto content = contentOf(*state);
    content.tokens.pop_back();
    EXPECT_EQ(store.save(*state, std::move(content), {}).error().code(), ErrorCode::BadArgument);
}

TEST_F(StoreTest, stopped_savesAndLoadsNothing) {
    const auto store = open();
    const auto state = read(300);
    std::stop_source source;
    source.request_stop();
    EXPECT_TRUE(store.save(*state, contentOf(*state), source.get_token()).error().isCancelled());
    EXPECT_TRUE(store.list()->empty());
    const auto saved = save(store, 300);
    EXPECT_TRUE(store.load(*SnapshotFile::open(saved->file), m_model, {}, source.get_token()).error().isCancelled());
}

TEST_F(StoreTest, aDiskThatTakesNothing_isAnErrorAndWhatWasThereStays) {
    const auto store = open();
    const auto saved = save(store, 200);
    const auto nowhere = read(5);
    const auto inAFile = Store(fs::path("/dev/null") / "x").save(*nowhere, contentOf(*nowhere), {});
    ASSERT_FALSE(inAFile);
    EXPECT_EQ(inAFile.error().code(), ErrorCode::Io);
    fs::permissions(store.folder(), fs::perms::owner_read | fs::perms::owner_exec);
    const auto state = read(201);
    const auto refused = store.save(*state, contentOf(*state), {});
    fs::permissions(store.folder(), fs::perms::owner_all);
    if (!refused) { // a superuser may write all the same
        EXPECT_EQ(refused.error().code(), ErrorCode::Io);
    }
    EXPECT_TRUE(store.load(*SnapshotFile::open(saved->file), m_model, {}, {}));
}

TEST_F(StoreTest, filesOfOthers_areNeverTouched) {
    const auto store = open();
    const auto saved = save(store, 300);
    const auto blocks = store.folder() / "blocks";
    const std::vector<fs::path> foreign{store.folder() / "film.iso.part", blocks / "notes.txt",
                                        blocks / "0123456789abcdef0123456789abcdeX", blocks / "film.iso.part"};
    for (const auto& file : foreign) {
        std::ofstream(file) << "mine";
        fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(100));
    }
    fs::create_directory(blocks / "0123456789abcdef0123456789abcdef");
    ASSERT_TRUE(store.remove(saved->id));
    for (const auto& file : foreign)
        EXPECT_TRUE(fs::exists(file)) << file;
    EXPECT_TRUE(fs::exists(blocks / "0123456789abcdef0123456789abcdef"));
}

TEST_F(StoreTest, aGoodBlockOfAnotherSize_isRefusedAndKept) {
    const auto store = open();
    const auto saved = save(store, 300);
    auto content = *SnapshotFile::open(saved->file)->read();
    std::swap(content.blocks[0], content.blocks[2]); // of 128 tokens, and of 44
    const auto bytes = encode(content);
    std::ofstream(saved->file, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    EXPECT_EQ(store.load(*SnapshotFile::open(saved->file), m_model, {}, {}).error().code(), ErrorCode::BadFile);
    EXPECT_EQ(blocks(), 3) << "others may need them";
}

TEST_F(StoreTest, anEmptyName_findsNothingAndAnIdComesBeforeAName) {
    const auto store = open();
    const auto first = save(store, 200);
    const auto second = save(store, 300, first->id);
    EXPECT_EQ(store.find("").error().code(), ErrorCode::BadArgument);
    EXPECT_EQ(store.find(first->id)->id, first->id);
    EXPECT_EQ(store.find(second->id)->id, second->id);
}

TEST_F(StoreTest, blocksThatWentWhileASaveWasBusy_areWrittenAgain) {
    const auto store = open();
    const auto state = read(300);
    const auto saved = store.save(*state, contentOf(*state), {}, [&](std::uint64_t, std::uint64_t) {
        for (const auto& block : fs::directory_iterator(store.folder() / "blocks"))
            fs::remove(block.path());
    });
    ASSERT_TRUE(saved) << saved.error().what();
    EXPECT_TRUE(store.load(*SnapshotFile::open(saved->file), m_model, {}, {}));
}

TEST_F(StoreTest, aFolderThatIsNotThere_isEmptyAndStaysAway) {
    const auto store = open();
    EXPECT_TRUE(store.list()->empty());
    EXPECT_FALSE(fs::exists(store.folder()));
}

TEST_F(StoreTest, whatAnInterruptedWriteLeft_isSweptWhenItIsOld) {
    const auto store = open();
    ASSERT_TRUE(save(store, 300));
    const auto left = store.folder() / "blocks" / "0123456789abcdef0123456789abcdef.81985529216486895.part";
    std::ofstream(left) << "half";
    store.sweep();
    EXPECT_TRUE(fs::exists(left)) << "it may still be written";
    fs::last_write_time(left, fs::file_time_type::clock::now() - std::chrono::hours(2));
    EXPECT_EQ(store.sweep(), 4u);
    EXPECT_FALSE(fs::exists(left));
}

} // namespace
} // namespace bathy::snapshot::test
