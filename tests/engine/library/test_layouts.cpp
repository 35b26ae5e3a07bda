#include "engine/library/library.h"

#include "tests/support/fake_home.h"
#include "tests/support/weight_files.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace bathy;
using namespace bathy::library;
using bathy::test::FakeHome;
using testing::ElementsAre;

namespace {

namespace fs = std::filesystem;

Listing list(const FakeHome& home, const std::vector<fs::path>& folders = {}) {
    FactsCache cache;
    return *listModels(home.places(folders), cache, {});
}

} // namespace

TEST(Layouts, HubCache_joinsShardsAndFollowsItsOwnLinks) {
    const FakeHome home;
    const auto folder = home.addHubModel("deepseek-ai/DeepSeek-R1", 3);
    const auto listing = list(home);
    ASSERT_EQ(listing.entries.size(), 1U);
    const auto& entry = listing.entries.front();
    EXPECT_EQ(entry.owner, Owner::HuggingFace);
    EXPECT_EQ(entry.name, "deepseek-ai/DeepSeek-R1");
    EXPECT_EQ(entry.tag, "");
    EXPECT_EQ(entry.open, folder);
    EXPECT_EQ(entry.family, "deepseek_v3");
    EXPECT_EQ(entry.quantisation, "FP8");
    EXPECT_EQ(entry.contextLength, 163'840);
    EXPECT_EQ(entry.files, 3U);
    EXPECT_TRUE(entry.complete());
    EXPECT_EQ(fullName(entry), "deepseek-ai/DeepSeek-R1:FP8");
}

TEST(Layouts, HubCache_namesMissingShards) {
    const FakeHome home;
    const auto folder = home.addHubModel("org/model", 3);
    fs::remove(folder / "model-00002-of-00003.safetensors");
    fs::remove(fs::canonical(folder / "model-00003-of-00003.safetensors")); // the link stays and leads nowhere
    const auto entry = list(home).entries.at(0);
    EXPECT_EQ(entry.files, 1U);
    EXPECT_THAT(entry.missing, ElementsAre("model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors"));
    EXPECT_FALSE(entry.complete());
}

TEST(Layouts, HubCache_linksOutOfTheRepository_areNotFollowed) {
    const FakeHome home, outside;
    test::writeGguf(outside.path() / "secret.gguf", {});
    const auto folder = home.addHubGguf("org/one", "Q8_0");
    fs::create_symlink(outside.path() / "secret.gguf", folder / "two-Q4_0.gguf");
    fs::create_symlink("../../../../../secret.gguf", folder / "three-Q4_0.gguf");
    fs::create_directory_symlink(outside.path(), home.hub() / "models--org--linked");
    const auto listing = list(home);
    ASSERT_EQ(listing.entries.size(), 3U);
    for (const auto& entry : listing.entries)
        EXPECT_EQ(entry.complete(), entry.quantisation == "Q8_0") << entry.open;
    EXPECT_EQ(listing.places.at(0).linksLeft, 3U);
}

TEST(Layouts, HubCache_secondRevisionOfTheSameFiles_isOneEntry) {
    const FakeHome home;
    const auto folder = home.addHubGguf("org/model", "Q4_K_M");
    const auto old = folder.parent_path() / "ffff456789abcdef0123456789abcdef01234567";
    fs::create_directories(old);
    fs::copy_symlink(folder / "model-Q4_K_M.gguf", old / "model-Q4_K_M.gguf");
    EXPECT_EQ(list(home).entries.size(), 1U);
    test::writeGguf(old / "model-Q8_0.gguf", {}); // and one that only the old revision has
    const auto entries = list(home).entries;
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(entries.at(0).tag, "");
    EXPECT_EQ(entries.at(1).tag, "ffff4567");
}

TEST(Layouts, Ollama_readsManifests) {
    const FakeHome home;
    home.addOllama("deepseek-r1", "7b");
    const auto models = home.path() / ".ollama" / "models";
    const auto other = models / "manifests" / "hf.co" / "bartowski" / "thing";
    fs::create_directories(other);
    std::ofstream(other / "Q4_K_M") << R"({"layers": [{"mediaType": "application/vnd.ollama.image.model",)"
                                    << R"( "digest": "sha256:../../../etc/passwd"}]})";
    std::ofstream(other / "broken") << "{";
    const auto entries = list(home).entries;
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(fullName(entries[0]), "deepseek-r1:7b");
    EXPECT_EQ(entries[0].family, "qwen2");
    EXPECT_EQ(entries[0].quantisation, "Q4_K_M");
    EXPECT_TRUE(entries[0].complete());
    EXPECT_EQ(entries[0].open.parent_path(), fs::canonical(models) / "blobs");
    EXPECT_EQ(fullName(entries[1]), "hf.co/bartowski/thing:Q4_K_M");
    EXPECT_NE(entries[1].problem, "");
    EXPECT_NE(entries[2].problem, "");
}

TEST(Layouts, OtherPrograms_areFound) {
    const FakeHome home;
    const auto file = home.addLmStudio("publisher", "Model-7B-Q6_K");
    home.addJan("jan-model");
    home.addGpt4All("Falcon-Q4_0");
    const auto entries = list(home).entries;
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(fullName(entries[0]), "Falcon:Q4_0");
    EXPECT_EQ(entries[0].owner, Owner::Gpt4All);
    EXPECT_EQ(fullName(entries[1]), "jan-model:Q4_K_M");
    EXPECT_EQ(entries[1].owner, Owner::Jan);
    EXPECT_EQ(entries[1].open.filename(), "model"); // as it is called on the disk
    EXPECT_EQ(fullName(entries[2]), "publisher/Model-7B-GGUF:Q6_K");
    EXPECT_EQ(entries[2].open, fs::canonical(file));
}

TEST(Layouts, LmStudio_homePointerComesFirst) {
    const FakeHome home, elsewhere;
    elsewhere.addLmStudio("publisher", "Model-7B-Q6_K");
    std::ofstream(home.path() / ".lmstudio-home-pointer") << (elsewhere.path() / ".lmstudio").string() << "\n";
    EXPECT_EQ(list(home).entries.size(), 1U);
}

TEST(Layouts, UserFolder_saysHowTheConfigQuantises_notTheFirstShard) {
    const FakeHome home, mine;
    for (const auto& [name, experts] : {std::pair("flash", R"(,"expert_dtype":"fp4")"), {"large", ""}}) {
        test::writeSafetensors(mine.path() / name / "model.safetensors", "BF16", 1024); // embeddings alone
        std::ofstream(mine.path() / name / "config.json")
            << R"({"model_type":"deepseek_v4","quantization_config":{"quant_method":"fp8"})" << experts << "}";
    }
    const auto listing = list(home, {mine.path()});
    ASSERT_EQ(listing.entries.size(), 2U);
    EXPECT_EQ(fullName(listing.entries[0]), "flash:FP4");
    EXPECT_EQ(fullName(listing.entries[1]), "large:FP8");
}

TEST(Layouts, UserFolder_shardsLinksAndProjections) {
    const FakeHome home, mine;
    for (const char* file :
         {"Big-Q4_K_M-00001-of-00003.gguf", "Big-Q4_K_M-00003-of-00003.gguf", "Big-Q8_0.gguf", "mmproj-Big-f16.gguf"})
        test::writeGguf(mine.path() / "author" / "Big-GGUF" / file, {});
    test::writeSafetensors(mine.path() / "plain" / "model.safetensors", "BF16", 1024);
    test::writeConfig(mine.path() / "plain", "llama", 8192);
    fs::create_symlink("/etc/passwd", mine.path() / "plain" / "x-Q4_0.gguf");
    fs::create_directory_symlink(mine.path(), mine.path() / "author" / "round");
    const auto listing = list(home, {mine.path()});
    ASSERT_EQ(listing.entries.size(), 3U);
    EXPECT_EQ(fullName(listing.entries[0]), "author/Big-GGUF:Q4_K_M");
    EXPECT_THAT(listing.entries[0].missing, ElementsAre("Big-Q4_K_M-00002-of-00003.gguf"));
    EXPECT_EQ(fullName(listing.entries[1]), "author/Big-GGUF:Q8_0");
    EXPECT_EQ(fullName(listing.entries[2]), "plain:BF16");
    EXPECT_EQ(listing.entries[2].open, fs::canonical(mine.path()) / "plain");
    EXPECT_EQ(listing.entries[2].contextLength, 8192);
    EXPECT_EQ(listing.places.at(0).linksLeft, 2U);
}

TEST(Layouts, UserFolder_thatIsAHubCache_isReadAsOne) {
    const FakeHome home, mine;
    mine.addHubModel("org/name", 2);
    const auto entries = list(home, {mine.hub()}).entries;
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].name, "org/name");
    EXPECT_EQ(entries[0].owner, Owner::Folder);
}

TEST(Layouts, SameModelTwice_isMarked) {
    const FakeHome home, mine;
    const auto file = home.addLmStudio("publisher", "Model-7B-Q6_K");
    fs::copy_file(file, mine.path() / "Copy-Q6_K.gguf");
    test::writeGguf(mine.path() / "Else-Q6_K.gguf", {});
    const auto entries = list(home, {mine.path()}).entries;
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[0].duplicates, 1);
    EXPECT_EQ(entries[1].duplicates, 0);
    EXPECT_EQ(entries[2].duplicates, 1);
}
