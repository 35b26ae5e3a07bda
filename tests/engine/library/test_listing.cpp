// A whole library at once: complete, fast, and without a trace.
#include "engine/library/library.h"

#include "tests/support/fake_home.h"

#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <sys/stat.h>

using namespace bathy;
using namespace bathy::library;
using bathy::test::FakeHome;

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Times {
    std::int64_t modified = 0, changed = 0, accessed = 0;
    bool operator==(const Times&) const = default;
};

std::int64_t nanoseconds(const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

Times timesOf(const fs::path& path) {
    struct stat info {};
    EXPECT_EQ(lstat(path.c_str(), &info), 0) << path;
    // That a link was read is noted by the kernel itself, whoever reads it and however.
    return {nanoseconds(info.st_mtim), nanoseconds(info.st_ctim),
            S_ISLNK(info.st_mode) ? 0 : nanoseconds(info.st_atim)};
}

std::vector<fs::path> everything(const fs::path& root) {
    std::vector<fs::path> paths{root};
    for (const auto& entry : fs::recursive_directory_iterator(root))
        paths.push_back(entry.path());
    return paths;
}

// Last read long ago and before the last change: any read that does not ask to be forgotten is noted.
void makeUnread(const std::vector<fs::path>& paths) {
    const timespec times[2]{{1'500'000'000, 0}, {1'600'000'000, 0}};
    for (const auto& path : paths)
        ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW), 0) << path;
}

std::map<fs::path, Times> timesOf(const std::vector<fs::path>& paths) {
    std::map<fs::path, Times> times;
    for (const auto& path : paths)
        times[path] = timesOf(path);
    return times;
}

double secondsOf(const std::function<void()>& work) {
    const auto begin = Clock::now();
    work();
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

} // namespace

TEST(Listing, TwoHundredModels_areFoundTwiceInASecondWithoutATrace) {
    const FakeHome home;
    home.fill(200);
    const auto paths = everything(home.path());
    makeUnread(paths);
    const auto before = timesOf(paths);

    FactsCache cache;
    Listing first, second;
    std::uint64_t headers = 0;
    const auto seconds = secondsOf([&] {
        first = *listModels(home.places(), cache, {});
        headers = cache.filesRead();
        second = *listModels(home.places(), cache, {});
    });
    std::printf("%zu models, %llu headers read, %.3f s for two scans\n", first.entries.size(),
                static_cast<unsigned long long>(cache.filesRead()), seconds);
    EXPECT_LT(seconds, 1.0);
    EXPECT_EQ(cache.filesRead(), headers); // the second scan opens no weight file
    ASSERT_EQ(first.entries.size(), 200U);
    ASSERT_EQ(second.entries.size(), 200U);
    for (std::size_t i = 0; i < 200; ++i) {
        EXPECT_TRUE(first.entries[i].complete()) << first.entries[i].problem;
        EXPECT_EQ(fullName(first.entries[i]), fullName(second.entries[i]));
        EXPECT_FALSE(first.entries[i].family.empty());
        EXPECT_GT(first.entries[i].contextLength, 0);
        EXPECT_EQ(first.entries[i].lastUsed, 0); // nobody has read it, and looking is no reading
    }
    EXPECT_EQ(first.places.size(), 5U);
    EXPECT_EQ(timesOf(paths), before);
    EXPECT_EQ(everything(home.path()).size(), paths.size());
}

// The test above would pass on a file system that keeps no access times; this says whether it keeps them.
TEST(Listing, PlainRead_isNoted) {
    const test::ScratchFolder folder;
    const auto file = folder.write("file", "text");
    makeUnread({file});
    const auto before = timesOf(file);
    std::string text;
    std::ifstream(file) >> text;
    if (timesOf(file) == before)
        GTEST_SKIP() << "this file system keeps no access times";
    ASSERT_EQ(timesOf(file).modified, before.modified);
    makeUnread({file});
    const auto unread = timesOf(file);
    EXPECT_EQ(*readQuietly(file, 100), "text");
    EXPECT_EQ(timesOf(file), unread);
}

TEST(Listing, Stop_isSeen) {
    const FakeHome home;
    home.fill(8);
    FactsCache cache;
    std::stop_source stop;
    stop.request_stop();
    const auto listing = listModels(home.places(), cache, stop.get_token());
    ASSERT_FALSE(listing);
    EXPECT_TRUE(listing.error().isCancelled());
}
