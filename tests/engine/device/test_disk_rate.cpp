#include "engine/device/disk_rate.h"
#include "tests/support/scratch_folder.h"

#include <gtest/gtest.h>

namespace bathy::device {
namespace {

// Where the tests run may lie in memory, which nobody reads past.
TEST(DiskRate, ReadsEveryFileOnceOrSaysWhyNot) {
    const test::ScratchFolder folder;
    const std::string content(9'000'001, 'x');
    const std::vector<std::filesystem::path> files{folder.write("a", content), folder.write("b", "short")};
    const auto rate = measureDiskRate(files, std::uint64_t{1} << 30, {});
    if (!rate) {
        EXPECT_EQ(rate.error().code(), ErrorCode::Unsupported) << rate.error().what();
        return;
    }
    EXPECT_LE(rate->bytes, content.size() + 5); // less where the disk is so slow that the time is over first
    EXPECT_GT(rate->bytes, 0u);
    EXPECT_GT(rate->bytesPerSecond, 0);
}

TEST(DiskRate, LimitIsKeptToABlock) {
    const test::ScratchFolder folder;
    const std::vector<std::filesystem::path> files{folder.write("a", std::string(9'000'001, 'x'))};
    const auto rate = measureDiskRate(files, 1, {});
    EXPECT_TRUE(!rate || rate->bytes <= rate->blockBytes);
}

TEST(DiskRate, MissingFileAndStop_areErrors) {
    const test::ScratchFolder folder;
    const std::vector<std::filesystem::path> missing{folder.path() / "none"};
    const auto rate = measureDiskRate(missing, 1 << 20, {});
    ASSERT_FALSE(rate);
    EXPECT_NE(rate.error().code(), ErrorCode::Cancelled);
    std::stop_source stop;
    stop.request_stop();
    const std::vector<std::filesystem::path> files{folder.write("a", "text")};
    const auto stopped = measureDiskRate(files, 1 << 20, stop.get_token());
    ASSERT_FALSE(stopped);
    EXPECT_TRUE(stopped.error().isCancelled() || stopped.error().code() == ErrorCode::Unsupported);
}

} // namespace
} // namespace bathy::device
