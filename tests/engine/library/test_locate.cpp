#include "engine/library/locate.h"

#include "tests/support/fake_home.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace bathy;
using namespace bathy::library;
using bathy::test::FakeHome;
using testing::HasSubstr;

TEST(LocateModel, nameOfTheLibrary_leadsToItsFiles) {
    const FakeHome home;
    const auto snapshot = home.addHubModel("org/name", 2);
    const auto file = home.addLmStudio("publisher", "Model-7B-Q6_K");
    home.addOllama("deepseek-r1", "7b");
    const auto environment = home.environment();
    EXPECT_EQ(locateModel("org/name", environment).value(), snapshot);
    EXPECT_EQ(locateModel("model-7b-gguf@q6_k", environment).value(), file);
    EXPECT_EQ(locateModel("deepseek-r1:7b", environment).value().parent_path().filename(), "blobs");
    EXPECT_TRUE(std::filesystem::exists(factsFile(environment)));
    const auto missing = locateModel("org/other", environment);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code(), ErrorCode::NotFound);
    EXPECT_THAT(missing.error().hint(), HasSubstr(home.hub().string()));
}

TEST(LocateModel, nameOfSeveral_listsThem) {
    const FakeHome home;
    home.addHubGguf("org/name", "Q4_K_M");
    home.addHubGguf("org/name", "Q8_0");
    const auto found = locateModel("org/name", home.environment());
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code(), ErrorCode::BadArgument);
    EXPECT_THAT(found.error().what(), HasSubstr("org/name:Q4_K_M"));
    EXPECT_THAT(found.error().what(), HasSubstr("org/name:Q8_0"));
}

TEST(LocateModel, folderOfTheSearchPath_isLookedAt) {
    const FakeHome home, mine;
    mine.addHubModel("org/name", 1);
    const auto environment = [&](const char* name) {
        return std::string(name) == "BATHY_MODEL_PATH" ? ":/nowhere:" + mine.hub().string() : home.environment()(name);
    };
    EXPECT_TRUE(locateModel("org/name", environment));
}

TEST(LocateModel, path_isTakenAsItStands) {
    const FakeHome home;
    const auto environment = home.environment();
    EXPECT_EQ(locateModel(home.path().string(), environment).value(), home.path());
    EXPECT_FALSE(locateModel("", environment));
    for (const char* path : {"./nothing", "/nothing/here", "nothing.gguf", "nothing/"})
        EXPECT_EQ(locateModel(path, environment).error().code(), ErrorCode::NotFound) << path;
    EXPECT_FALSE(std::filesystem::exists(factsFile(environment))); // nobody looked at the library for these
}
