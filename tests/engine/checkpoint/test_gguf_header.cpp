#include "engine/checkpoint/gguf_header.h"

#include "engine/base/text_file.h"
#include "engine/checkpoint/checkpoint.h"
#include "tests/support/scratch_folder.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace bathy;
using namespace bathy::checkpoint;

namespace {

const std::filesystem::path kFuzz = std::filesystem::path(BATHY_SOURCE_DIR) / "tests" / "fuzz";

std::string corpusFile(const std::string& name) {
    return readTextFile(kFuzz / "corpus" / "gguf" / name, 1 << 20).value();
}

Result<GgufHeader> parse(std::string_view file) {
    return parseGgufHeader(std::as_bytes(std::span(file)), "x.gguf");
}

nlohmann::json cases() {
    return nlohmann::json::parse(readTextFile(kFuzz / "bad_gguf" / "cases.json", 1 << 20).value());
}

void expectWords(const Error& error, const nlohmann::json& words, const std::string& name) {
    EXPECT_EQ(exitCode(error.code()), 3) << name;
    for (const auto& word : words)
        EXPECT_NE(error.what().find(word.get<std::string>()), std::string::npos)
            << name << ": " << error.what() << " lacks " << word;
}

} // namespace

TEST(GgufHeader, everyRuleBroken_namesFileAndField) {
    const auto all = cases()["files"];
    ASSERT_GE(all.size(), 70U);
    for (const auto& one : all) {
        const auto name = one["file"].get<std::string>();
        const auto header = parse(corpusFile(name));
        ASSERT_FALSE(header) << name;
        EXPECT_EQ(header.error().what().find("x.gguf: "), 0U) << name << ": " << header.error().what();
        expectWords(header.error(), one["words"], name);
    }
}

TEST(GgufHeader, everyBrokenSet_namesFileAndField) {
    const auto all = cases()["sets"];
    ASSERT_GE(all.size(), 10U);
    for (const auto& one : all) {
        const auto name = one["set"].get<std::string>();
        const auto opened = Checkpoint::open(kFuzz / "bad_gguf" / name / one["open"].get<std::string>());
        ASSERT_FALSE(opened) << name;
        expectWords(opened.error(), one["words"], name);
    }
}

TEST(GgufHeader, goodFiles_areAccepted) {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kFuzz / "corpus" / "gguf")) {
        const auto name = entry.path().filename().string();
        if (name.substr(0, 5) != "good_")
            continue;
        ++count;
        const auto header = parse(readTextFile(entry.path(), 1 << 20).value());
        EXPECT_TRUE(header) << name << ": " << (header ? "" : header.error().what());
    }
    EXPECT_EQ(count, 7);
}

// As Ollama and Jan keep them.
TEST(GgufHeader, fileWithoutEnding_isKnownByItsFirstBytes) {
    const test::ScratchFolder folder;
    const auto opened = Checkpoint::open(folder.write("sha256-0123", corpusFile("good_values.gguf")));
    EXPECT_TRUE(opened);
    EXPECT_EQ(Checkpoint::open(folder.write("sha256-4567", "GGU")).error().code(), ErrorCode::Unsupported);
}

TEST(GgufHeader, anyCut_isRefusedOrWhole) {
    const auto file = corpusFile("good_values.gguf");
    for (std::size_t length = 0; length < file.size(); ++length)
        EXPECT_FALSE(parse(std::string_view(file).substr(0, length))) << length;
}

TEST(GgufHeader, shapes_areTheReverseOfTheFile_andRangesExact) {
    const auto file = corpusFile("good_blocks.gguf");
    const auto header = parse(file);
    ASSERT_TRUE(header);
    const auto& directory = header->directory;
    ASSERT_EQ(directory.tensors.size(), 3U);
    const auto shapeOf = [&](std::size_t i) {
        const auto at = directory.dims.begin() + directory.tensors[i].shapeAt;
        return std::vector<std::int64_t>(at, at + directory.tensors[i].rank);
    };
    EXPECT_EQ(directory.tensors[0].name, "q8");
    EXPECT_EQ(directory.tensors[0].dtype, DType::Q8_0);
    EXPECT_EQ(shapeOf(0), (std::vector<std::int64_t>{2, 64}));
    EXPECT_EQ(directory.tensors[0].end, 4U * 34);
    EXPECT_EQ(shapeOf(2), (std::vector<std::int64_t>{3, 1, 32}));
    EXPECT_EQ(directory.tensors[2].begin, 256U);
    EXPECT_EQ(directory.tensors[2].end, 256U + 3 * 17);
    EXPECT_EQ(directory.dataOffset % 32, 0U);
}

TEST(GgufMetadata, values_comeBackTyped) {
    const auto file = corpusFile("good_values.gguf");
    const auto header = parse(file);
    ASSERT_TRUE(header);
    const auto& data = header->metadata;
    EXPECT_EQ(data.integer("u8", 0, 255).value(), 1);
    EXPECT_EQ(data.integer("i8", -128, 127).value(), -1);
    EXPECT_EQ(data.integer("i64", INT64_MIN, 0).value(), INT64_MIN);
    EXPECT_EQ(data.integer("u64", 0, INT64_MAX).value(), INT64_MAX);
    EXPECT_EQ(data.number("f32", 0, 1).value(), 0.1);
    EXPECT_EQ(data.number("f64", 0, 1e301).value(), 1e300);
    EXPECT_EQ(data.number("i32", -10, 0).value(), -3);
    EXPECT_TRUE(data.boolean("yes").value());
    EXPECT_EQ(data.string("general.architecture", 64).value(), "none");
    EXPECT_EQ(data.strings("texts").value(), (std::vector<std::string_view>{"a", "", "é"}));
    EXPECT_EQ(data.integers("numbers", -2, 3).value(), (std::vector<std::int64_t>{1, -2, 3}));
    EXPECT_EQ(data.numbers("numbers", -2, 3).value(), (std::vector<double>{1, -2, 3}));
    EXPECT_TRUE(data.integers("none", 0, 1)->empty());
    EXPECT_EQ(data.integerPerLayer("u16", 3, 0, 9).value(), (std::vector<std::int64_t>{2, 2, 2}));
    EXPECT_EQ(data.integerPerLayer("numbers", 2, -9, 9).value(), (std::vector<std::int64_t>{1, -2}));
}

TEST(GgufMetadata, refusals_nameFileKeyAndReason) {
    const auto file = corpusFile("good_values.gguf");
    const auto header = parse(file);
    ASSERT_TRUE(header);
    const auto& data = header->metadata;
    EXPECT_EQ(data.integer("lost", 0, 1).error().what(), "x.gguf: lost is missing");
    EXPECT_EQ(data.integer("lost", 0, 1, 1).value(), 1);
    EXPECT_EQ(data.integer("f32", 0, 1).error().what(), "x.gguf: f32 is of type f32, not an integer");
    EXPECT_EQ(data.integer("yes", 0, 1).error().what(), "x.gguf: yes is of type bool, not an integer");
    EXPECT_EQ(data.integer("i8", 0, 1).error().what(), "x.gguf: i8 is -1, outside 0 to 1");
    EXPECT_EQ(data.number("texts", 0, 1).error().what(), "x.gguf: texts is of type array, not a number");
    EXPECT_EQ(data.boolean("u8").error().what(), "x.gguf: u8 is of type u8, not bool");
    EXPECT_EQ(data.strings("numbers").error().what(), "x.gguf: numbers is an array of i16, not of strings");
    EXPECT_EQ(data.integers("numbers", 0, 9).error().what(), "x.gguf: numbers at place 1 is -2, outside 0 to 9");
    EXPECT_EQ(data.integerPerLayer("numbers", 4, -9, 9).error().what(), "x.gguf: numbers has 3 entries for 4 layers");
    EXPECT_EQ(data.string("general.architecture", 3).error().what(),
              "x.gguf: general.architecture has 4 bytes, more than the limit of 3");
}

TEST(Checkpoint, ggufSet_opensFromAnyShardAndFromItsFolder) {
    const auto folder = kFuzz / "bad_gguf" / "good";
    for (const auto& path : {folder, folder / "m-00001-of-00002.gguf", folder / "m-00002-of-00002.gguf"}) {
        const auto checkpoint = Checkpoint::open(path);
        ASSERT_TRUE(checkpoint) << checkpoint.error().what();
        EXPECT_EQ(checkpoint->tensorCount(), 2U);
        EXPECT_EQ(checkpoint->tensor(1).name, "b");
        EXPECT_EQ(checkpoint->tensor(1).shard, 1U);
        EXPECT_EQ(checkpoint->tensorBytes(), 64U);
        ASSERT_NE(checkpoint->metadata(), nullptr);
        EXPECT_EQ(checkpoint->metadata()->string("general.architecture", 64).value(), "none");
    }
    const auto emptyFirst = Checkpoint::open(kFuzz / "bad_gguf" / "good_empty_first");
    ASSERT_TRUE(emptyFirst) << emptyFirst.error().what();
    EXPECT_EQ(emptyFirst->tensor(0).name, "b");
}
