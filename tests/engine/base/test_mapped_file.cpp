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

TEST(TextFile, read_overLimit_isBadFile) {
    ASSERT_TRUE(writeFileAtomically(temporary("long"), "0123456789"));
    EXPECT_EQ(*readTextFile(temporary("long"), 10), "0123456789");
    const auto text = readTextFile(temporary("long"), 9);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code(), ErrorCode::BadFile);
}

} // namespace
} // namespace bathy
