#include "engine/checkpoint/locate.h"

#include "tests/support/scratch_folder.h"

#include <cstdlib>
#include <gtest/gtest.h>

using namespace bathy;
using namespace bathy::checkpoint;
using bathy::test::ScratchFolder;

TEST(LocateModel, hubCacheEntry_followsTheMainReference) {
    ScratchFolder cache;
    const auto repository = cache.path() / "models--org--name";
    std::filesystem::create_directories(repository / "refs");
    for (const char* revision : {"old", "new"})
        std::filesystem::create_directories(repository / "snapshots" / revision);
    std::ofstream(repository / "refs" / "main") << "old\n";
    setenv("HF_HUB_CACHE", cache.path().c_str(), 1);
    EXPECT_EQ(locateModel("org/name").value(), repository / "snapshots" / "old");
    const auto missing = locateModel("org/other");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code(), ErrorCode::NotFound);
    EXPECT_NE(missing.error().hint().find(cache.path().string()), std::string::npos);
    // A reference must not lead out of the snapshots.
    std::ofstream(repository / "refs" / "main") << "../../../etc\n";
    const auto escaped = locateModel("org/name");
    EXPECT_EQ(escaped.value().parent_path(), repository / "snapshots");
    unsetenv("HF_HUB_CACHE");
}

TEST(LocateModel, path_isTakenAsItStands) {
    ScratchFolder folder;
    EXPECT_EQ(locateModel(folder.path().string()).value(), folder.path());
    EXPECT_FALSE(locateModel(""));
    EXPECT_FALSE(locateModel((folder.path() / "nothing").string()));
}
