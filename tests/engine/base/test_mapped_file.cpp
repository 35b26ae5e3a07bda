#include "engine/base/mapped_file.h"
#include "engine/base/text_file.h"

#include <gtest/gtest.h>

namespace bathy {
namespace {

std::filesystem::path temporary(const char* name) {
    return std::filesystem::path(::testing::TempDir()) / name;
}

TEST(MappedFile, open_missing_isNotFound) {
    const auto file = MappedFile::open(temporary("does-not-exist"));
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code(), ErrorCode::NotFound);
}

TEST(MappedFile, open_emptyFile_isEmptySpan) {
    ASSERT_TRUE(writeFileAtomically(temporary("empty"), ""));
    const auto file = MappedFile::open(temporary("empty"));
    ASSERT_TRUE(file);
    EXPECT_EQ(file->bytes().size(), 0u);
}

TEST(MappedFile, move_keepsBytes) {
    ASSERT_TRUE(writeFileAtomically(temporary("abc"), "abc"));
    auto file = MappedFile::open(temporary("abc"));
    ASSERT_TRUE(file);
    const auto* before = file->bytes().data();
    const MappedFile moved = std::move(*file);
    EXPECT_EQ(moved.bytes().data(), before);
    EXPECT_EQ(moved.size(), 3u);
}

TEST(MappedFile, open_folder_isAnError) {
    EXPECT_FALSE(MappedFile::open(::testing::TempDir()));
}

TEST(MappedFile, cutOffWhileMapped_readsZerosAndSaysSo) {
    ASSERT_TRUE(writeFileAtomically(temporary("shrinks"), std::string(1 << 20, 'x')));
    ASSERT_TRUE(writeFileAtomically(temporary("stays"), std::string(1 << 20, 'y')));
    const auto shrinks = MappedFile::open(temporary("shrinks"));
    const auto stays = MappedFile::open(temporary("stays"));
    ASSERT_TRUE(shrinks && stays);
    std::filesystem::resize_file(temporary("shrinks"), 100'000);
    EXPECT_TRUE(shrinks->intact());
    EXPECT_EQ(shrinks->bytes()[99'999], std::byte{'x'});
    EXPECT_TRUE(shrinks->intact());
    EXPECT_EQ(shrinks->bytes()[500'000], std::byte{0});
    EXPECT_FALSE(shrinks->intact());
    EXPECT_EQ(shrinks->bytes()[shrinks->size() - 1], std::byte{0});
    EXPECT_EQ(shrinks->bytes()[0], std::byte{'x'});
    EXPECT_TRUE(stays->intact());
    EXPECT_EQ(stays->bytes()[500'000], std::byte{'y'});
}

TEST(MappedFile, readMapped_saysWhetherAllCouldBeRead) {
    ASSERT_TRUE(writeFileAtomically(temporary("read"), std::string(1 << 20, 'x')));
    const auto file = MappedFile::open(temporary("read"));
    ASSERT_TRUE(file);
    EXPECT_TRUE(readMapped(file->bytes()));
    EXPECT_TRUE(readMapped(file->bytes().subspan(5, 3)));
    EXPECT_TRUE(readMapped({}));
    std::filesystem::resize_file(temporary("read"), 0);
    // Where the system cannot say it, the pages are touched, and the file itself knows.
    EXPECT_TRUE(!readMapped(file->bytes()) || !file->intact());
}

TEST(TextFile, read_overLimit_isBadFile) {
    ASSERT_TRUE(writeFileAtomically(temporary("long"), "0123456789"));
    EXPECT_EQ(*readTextFile(temporary("long"), 10), "0123456789");
    const auto text = readTextFile(temporary("long"), 9);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code(), ErrorCode::BadFile);
}

} // namespace
} // namespace bathy
