#include "engine/checkpoint/safetensors_header.h"

#include "engine/base/text_file.h"
#include "engine/checkpoint/safetensors_writer.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace bathy;
using namespace bathy::checkpoint;

namespace {

const std::filesystem::path kFuzz = std::filesystem::path(BATHY_SOURCE_DIR) / "tests" / "fuzz";

std::string fileWith(std::string_view header, std::size_t dataBytes) {
    std::string file(8, '\0');
    for (std::size_t i = 0; i < 8; ++i)
        file[i] = static_cast<char>(header.size() >> (8 * i) & 0xFF);
    return file.append(header).append(dataBytes, '\0');
}

Result<TensorDirectory> parse(std::string_view file) {
    return parseSafetensorsHeader(std::as_bytes(std::span(file)), "x.safetensors");
}

} // namespace

TEST(SafetensorsHeader, everyRuleBroken_namesFileAndField) {
    const auto cases = nlohmann::json::parse(readTextFile(kFuzz / "bad_checkpoints" / "cases.json", 1 << 20).value());
    ASSERT_GE(cases["safetensors"].size(), 40U);
    for (const auto& one : cases["safetensors"]) {
        const auto name = one["file"].get<std::string>();
        const auto file = readTextFile(kFuzz / "corpus" / "safetensors" / name, 1 << 20).value();
        const auto header = parse(file);
        ASSERT_FALSE(header) << name;
        const auto& what = header.error().what();
        EXPECT_EQ(exitCode(header.error().code()), 3) << name;
        EXPECT_EQ(what.find("x.safetensors: "), 0U) << name << ": " << what;
        for (const auto& word : one["words"])
            EXPECT_NE(what.find(word.get<std::string>()), std::string::npos)
                << name << ": " << what << " lacks " << word;
    }
}

TEST(SafetensorsHeader, goodFiles_areAccepted) {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kFuzz / "corpus" / "safetensors")) {
        const auto name = entry.path().filename().string();
        if (name.substr(0, 5) != "good_")
            continue;
        ++count;
        const auto header = parse(readTextFile(entry.path(), 1 << 20).value());
        EXPECT_TRUE(header) << name << ": " << (header ? "" : header.error().what());
    }
    EXPECT_EQ(count, 4);
}

TEST(SafetensorsHeader, tensors_keepOrderShapeAndRange) {
    const auto header = parse(fileWith(R"({"b":{"dtype":"I64","shape":[],"data_offsets":[6,14]},)"
                                       R"("a":{"data_offsets":[0,6],"shape":[1,3],"dtype":"BF16"}})",
                                       14));
    ASSERT_TRUE(header) << header.error().what();
    ASSERT_EQ(header->tensors.size(), 2U);
    EXPECT_EQ(header->tensors[0].name, "b");
    EXPECT_EQ(header->tensors[0].rank, 0);
    EXPECT_EQ(header->tensors[0].begin, 6U);
    EXPECT_EQ(header->tensors[1].dtype, DType::BF16);
    EXPECT_EQ(header->tensors[1].rank, 2);
    EXPECT_EQ(header->dims[header->tensors[1].shapeAt + 1], 3);
}

TEST(SafetensorsHeader, millionAndOneTensors_areRefused) { // S4
    std::string json = "{";
    for (std::size_t i = 0; i <= kMaxTensors; ++i) {
        json += i ? ",\"" : "\"";
        json += std::to_string(i) + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
    }
    const auto header = parse(fileWith(json + "}", 0));
    ASSERT_FALSE(header);
    EXPECT_NE(header.error().what().find("more than 1000000 tensors"), std::string::npos);
}

TEST(SafetensorsHeader, longAndUnprintableNames_stayReadableInErrors) {
    const std::string name(5000, 'n');
    const auto header = parse(fileWith("{\"" + name + "\\u001b\":1}", 0));
    ASSERT_FALSE(header);
    EXPECT_LT(header.error().what().size(), 300U);
    EXPECT_EQ(quotedName("a\x1b[31m\n"), "\"a?[31m?\"");
}

TEST(SafetensorsHeader, everyTruncationOfAGoodFile_isRefused) { // S18
    const std::vector<TensorPlan> plans{{"w", DType::F32, {2, 2}}, {"s", DType::F8E8M0, {1}}};
    const auto file = safetensorsHeader(plans) + std::string(17, '\1');
    ASSERT_TRUE(parse(file));
    for (std::size_t size = 0; size < file.size(); ++size)
        EXPECT_FALSE(parse(std::string_view(file).substr(0, size))) << size;
}
