#include "engine/base/durable_file.h"
#include "engine/base/text_file.h"
#include "tests/support/scratch_folder.h"

#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bathy {
namespace {

namespace fs = std::filesystem;

Result<void> write(const fs::path& path, std::string_view a, std::string_view b = {}) {
    const std::array<std::span<const std::byte>, 2> parts{std::as_bytes(std::span(a)), std::as_bytes(std::span(b))};
    return writeDurably(path, parts);
}

TEST(DurableFile, partsStandOneAfterTheOtherInPlaceOfWhatWasThere) {
    const test::ScratchFolder folder;
    const auto path = folder.path() / "it";
    ASSERT_TRUE(write(path, "something longer than the next"));
    ASSERT_TRUE(write(path, "one, ", "two"));
    EXPECT_EQ(*readTextFile(path, 100), "one, two");
    ASSERT_TRUE(write(path, ""));
    EXPECT_EQ(*readTextFile(path, 100), "");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1) << "nothing is left beside it";
}

#ifndef _WIN32
TEST(DurableFile, isItsOwnersAlone) {
    const test::ScratchFolder folder;
    const auto inner = folder.path() / "a" / "b";
    ASSERT_TRUE(createPrivateFolder(inner));
    ASSERT_TRUE(createPrivateFolder(inner)) << "it may be there";
    ASSERT_TRUE(write(inner / "it", "secret"));
    const auto others = fs::perms::group_all | fs::perms::others_all;
    for (const auto& path : {inner / "it", inner, folder.path() / "a"})
        EXPECT_EQ(fs::status(path).permissions() & others, fs::perms::none) << path;
}
#endif

TEST(DurableFile, whatCannotBeWritten_isAnErrorThatNamesIt) {
    const test::ScratchFolder folder;
    const auto path = folder.path() / "missing" / "it";
    const auto written = write(path, "text");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code(), ErrorCode::Io);
    EXPECT_THAT(written.error().what(), testing::HasSubstr("missing"));
    fs::create_directory(folder.path() / "folder");
    fs::create_directory(folder.path() / "folder" / "inner");
    EXPECT_FALSE(write(folder.path() / "folder", "text")) << "a folder stands in its place";
    EXPECT_TRUE(fs::is_directory(folder.path() / "folder" / "inner"));
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

} // namespace
} // namespace bathy
