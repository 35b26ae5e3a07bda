// Where this program itself keeps things.
#include "engine/library/places.h"

#include <gtest/gtest.h>
#include <map>

namespace bathy::library {
namespace {

Environment environment(std::map<std::string, std::string> variables) {
    return [variables = std::move(variables)](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::string() : found->second;
    };
}

#ifndef _WIN32
TEST(Places, snapshots_lieWithTheDataAndNeverInACache) {
    EXPECT_EQ(snapshotFolder(environment({{"HOME", "/users/a"}})), "/users/a/.local/share/bathyscope/snapshots");
    EXPECT_EQ(snapshotFolder(environment({{"HOME", "/users/a"}, {"XDG_DATA_HOME", "/data"}})),
              "/data/bathyscope/snapshots");
}

TEST(Places, whatCanBeLost_liesInTheCache) {
    EXPECT_EQ(cacheFolder(environment({{"HOME", "/users/a"}})), "/users/a/.cache/bathyscope");
    EXPECT_EQ(cacheFolder(environment({{"HOME", "/users/a"}, {"XDG_CACHE_HOME", "/c"}})), "/c/bathyscope");
}
#endif

} // namespace
} // namespace bathy::library
