#include "engine/checkpoint/checkpoint.h"

#include "engine/checkpoint/safetensors_writer.h"
#include "tests/support/scratch_folder.h"

#include <cstring>
#include <fstream>
#include <gtest/gtest.h>

using namespace bathy;
using namespace bathy::checkpoint;
using bathy::test::ScratchFolder;

namespace {

// One U8 tensor per name, filled with its first letter.
void writeFile(const std::filesystem::path& path, const std::vector<std::string>& names, std::int64_t elements = 4) {
    std::vector<TensorPlan> plans;
    for (const auto& name : names)
        plans.push_back({name, DType::U8, {elements}});
    auto writer = SafetensorsWriter::create(path, plans);
    ASSERT_TRUE(writer);
    for (const auto& name : names)
        ASSERT_TRUE(writer->append(std::vector<std::byte>(static_cast<std::size_t>(elements), std::byte(name[0]))));
    ASSERT_TRUE(writer->finish());
}

std::string indexOf(const std::string& map) {
    return R"({"metadata":{"total_size":12},"weight_map":{)" + map + "}}";
}

char firstByte(const Checkpoint& checkpoint, std::string_view name) {
    const auto view = checkpoint.find(name);
    return view && !view->bytes.empty() ? static_cast<char>(view->bytes[0]) : '\0';
}

} // namespace

TEST(Checkpoint, folderWithIndex_opensEveryShardInOrder) {
    ScratchFolder folder;
    writeFile(folder.path() / "model-00001-of-00002.safetensors", {"b", "a"});
    writeFile(folder.path() / "model-00002-of-00002.safetensors", {"c"});
    folder.write("model.safetensors.index.json",
                 indexOf(R"("a":"model-00001-of-00002.safetensors","b":"model-00001-of-00002.safetensors",)"
                         R"("c":"model-00002-of-00002.safetensors")"));
    folder.write("config.json", "{\"x\":1}");
    const auto checkpoint = Checkpoint::open(folder.path());
    ASSERT_TRUE(checkpoint) << checkpoint.error().what();
    EXPECT_EQ(checkpoint->shards().size(), 2U);
    EXPECT_EQ(checkpoint->tensorCount(), 3U);
    EXPECT_EQ(checkpoint->tensorBytes(), 12U);
    EXPECT_EQ(checkpoint->tensor(0).name, "b");
    EXPECT_EQ(checkpoint->tensor(2).name, "c");
    EXPECT_EQ(checkpoint->tensor(2).shard, 1U);
    EXPECT_EQ(firstByte(*checkpoint, "a"), 'a');
    EXPECT_EQ(firstByte(*checkpoint, "c"), 'c');
    EXPECT_FALSE(checkpoint->find("d"));
    EXPECT_EQ(checkpoint->configText(), "{\"x\":1}");
    EXPECT_TRUE(checkpoint->notes().empty());
}

TEST(Checkpoint, anyShardOfASet_opensTheWholeSet) {
    ScratchFolder folder;
    writeFile(folder.path() / "model-00001-of-00002.safetensors", {"a"});
    writeFile(folder.path() / "model-00002-of-00002.safetensors", {"b"});
    for (const char* path : {"", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"}) {
        const auto checkpoint = Checkpoint::open(folder.path() / path);
        ASSERT_TRUE(checkpoint) << path << ": " << checkpoint.error().what();
        EXPECT_EQ(checkpoint->tensorCount(), 2U) << path;
    }
}

TEST(Checkpoint, singleFile_isNamedAfterItself) {
    ScratchFolder folder;
    writeFile(folder.path() / "small.safetensors", {"a"});
    const auto checkpoint = Checkpoint::open(folder.path() / "small.safetensors");
    ASSERT_TRUE(checkpoint);
    EXPECT_EQ(checkpoint->name(), "small");
    EXPECT_EQ(checkpoint->configText(), "");
}

TEST(Checkpoint, shardMissing_isNamed) {
    ScratchFolder folder;
    writeFile(folder.path() / "model-00001-of-00003.safetensors", {"a"});
    writeFile(folder.path() / "model-00003-of-00003.safetensors", {"c"});
    const auto checkpoint = Checkpoint::open(folder.path());
    ASSERT_FALSE(checkpoint);
    EXPECT_EQ(checkpoint.error().code(), ErrorCode::NotFound);
    EXPECT_NE(checkpoint.error().what().find("model-00002-of-00003.safetensors"), std::string::npos);
}

TEST(Checkpoint, severalFilesWithoutIndex_areRefused) {
    ScratchFolder folder;
    writeFile(folder.path() / "one.safetensors", {"a"});
    writeFile(folder.path() / "two.safetensors", {"b"});
    EXPECT_FALSE(Checkpoint::open(folder.path()));
    EXPECT_TRUE(Checkpoint::open(folder.path() / "two.safetensors"));
}

TEST(Checkpoint, linkOutOfTheFolder_isRefused) { // S15
    ScratchFolder outside;
    ScratchFolder folder;
    writeFile(outside.path() / "secret.safetensors", {"a"});
    std::filesystem::create_symlink(outside.path() / "secret.safetensors", folder.path() / "m.safetensors");
    folder.write("model.safetensors.index.json", indexOf(R"("a":"m.safetensors")"));
    const auto checkpoint = Checkpoint::open(folder.path());
    ASSERT_FALSE(checkpoint);
    EXPECT_EQ(checkpoint.error().code(), ErrorCode::BadFile);
    EXPECT_NE(checkpoint.error().what().find("leads out of its folder"), std::string::npos);
}

TEST(Checkpoint, hubCacheLinks_areFollowed) {
    ScratchFolder cache;
    std::filesystem::create_directories(cache.path() / "blobs");
    const auto snapshot = cache.path() / "snapshots" / "abc";
    std::filesystem::create_directories(snapshot);
    writeFile(cache.path() / "blobs" / "0123", {"a"});
    std::filesystem::create_symlink("../../blobs/0123", snapshot / "m.safetensors");
    std::ofstream(snapshot / "model.safetensors.index.json") << indexOf(R"("a":"m.safetensors")");
    const auto checkpoint = Checkpoint::open(snapshot);
    ASSERT_TRUE(checkpoint) << checkpoint.error().what();
    EXPECT_EQ(checkpoint->tensorCount(), 1U);
}

TEST(Checkpoint, wrongTotalSizeAndUnlistedTensors_areNotes) {
    ScratchFolder folder;
    writeFile(folder.path() / "m.safetensors", {"a", "b"});
    folder.write("model.safetensors.index.json", indexOf(R"("a":"m.safetensors")"));
    const auto checkpoint = Checkpoint::open(folder.path());
    ASSERT_TRUE(checkpoint);
    EXPECT_EQ(checkpoint->notes().size(), 2U);
    EXPECT_TRUE(checkpoint->find("b"));
}

TEST(Checkpoint, alias_reachesAPartAndRefusesWhatIsOutside) {
    ScratchFolder folder;
    writeFile(folder.path() / "model.safetensors", {"stack", "other"}, 6);
    auto checkpoint = Checkpoint::open(folder.path());
    ASSERT_TRUE(checkpoint);
    ASSERT_TRUE(checkpoint->addAlias({"part", 0, {2, 1}, 4, 2}));
    const auto moved = std::move(*checkpoint);
    const auto view = moved.find("part");
    ASSERT_TRUE(view);
    EXPECT_EQ(view->name, "part");
    EXPECT_EQ(view->shape.size(), 2U);
    EXPECT_EQ(view->bytes.data(), moved.tensor(0).bytes.data() + 4);
    EXPECT_EQ(moved.indexOf("part"), 0U);
    checkpoint = Checkpoint::open(folder.path());
    EXPECT_FALSE(checkpoint->addAlias({"other", 0, {6}, 0, 6}));
    EXPECT_FALSE(checkpoint->addAlias({"x", 0, {3}, 4, 3}));
    EXPECT_FALSE(checkpoint->addAlias({"x", 0, {1}, ~std::uint64_t{0}, 2}));
    EXPECT_FALSE(checkpoint->addAlias({"x", 2, {1}, 0, 1}));
}

TEST(Checkpoint, fingerprint_followsHeaderAndConfig) {
    ScratchFolder folder;
    writeFile(folder.path() / "model.safetensors", {"a"});
    const auto first = Checkpoint::open(folder.path())->fingerprint();
    EXPECT_EQ(first.size(), 16U);
    EXPECT_EQ(Checkpoint::open(folder.path())->fingerprint(), first);
    folder.write("config.json", "{}");
    const auto second = Checkpoint::open(folder.path())->fingerprint();
    EXPECT_NE(second, first);
    writeFile(folder.path() / "model.safetensors", {"b"});
    EXPECT_NE(Checkpoint::open(folder.path())->fingerprint(), second);
}

TEST(Checkpoint, fingerprint_tellsOtherWeightsUnderTheSameHeader) {
    ScratchFolder folder;
    const auto path = folder.path() / "model.safetensors";
    writeFile(path, {"a"});
    const auto first = Checkpoint::open(folder.path())->fingerprint();
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-1, std::ios::end);
    file.put('\x7f');
    file.close();
    EXPECT_NE(Checkpoint::open(folder.path())->fingerprint(), first);
}

TEST(TensorView, elementCount_survivesZeroAfterHugeDimensions) {
    const std::vector<std::int64_t> shape{INT64_MAX, 2, 0};
    EXPECT_EQ((TensorView{"z", DType::U8, shape, {}, 0}.elementCount()), 0);
    EXPECT_EQ((TensorView{"s", DType::U8, {}, {}, 0}.elementCount()), 1);
}
