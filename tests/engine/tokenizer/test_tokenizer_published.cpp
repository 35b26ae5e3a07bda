// Ids of published tokenizers (specification of the formats, 20.2). Their files are not in the tree: give CMake
// -DBATHY_PUBLISHED_TOKENIZERS=FOLDER with deepseek-v3.json, qwen3.json and llama-3.json, as many as there are.
#include "tests/engine/tokenizer/gguf_round_trip.h"
#include "tests/engine/tokenizer/tokenizer_fixture.h"

#include <filesystem>

namespace bathy::tokenizer {
namespace {

using Ids = std::vector<std::int32_t>;

struct Golden {
    const char* text;
    Ids deepseek;
    Ids qwen;
    Ids llama;
};

const std::vector<Golden> kGolden{
    {"Hello, world!", {19923, 14, 2058, 3}, {9707, 11, 1879, 0}, {9906, 11, 1917, 0}},
    {" I'LL pay $1234567.89\r\n\n  ok",
     {342, 9, 3699, 3353, 957, 6895, 18009, 25, 16, 4362, 204, 271, 223, 9109},
     {358, 6, 4086, 2291, 400, 16, 17, 18, 19, 20, 21, 22, 13, 23, 24, 80823, 220, 5394},
     {358, 6, 4178, 2343, 400, 4513, 10961, 22, 13, 4578, 81923, 220, 5509}},
    {"你好世界 カタカナ",
     {30594, 3427, 223, 15961, 11767, 15961, 27071},
     {108386, 99489, 17587, 104, 46207, 70393, 95352},
     {57668, 53901, 102616, 106555, 47307, 71493, 96452}},
    {"e\u0301 café 🙂👍🏽",
     {71, 17793, 57664, 68139, 92526, 40965, 124},
     {963, 51950, 27484, 144349, 145375},
     {68, 54939, 53050, 28584, 9468, 239, 235, 9468, 237, 121}},
    {"foo_bar(x)=>{return 0x1F;}\n\n\n\tEnd   ",
     {40897, 100869, 4042, 6912, 31923, 3916, 223, 18, 90, 19, 40, 29, 22229, 200, 13920, 361},
     {7975, 14388, 2075, 27166, 90, 689, 220, 15, 87, 16, 37, 26, 3733, 38407, 262},
     {8134, 14725, 2120, 28265, 90, 693, 220, 15, 87, 16, 37, 26, 3818, 39507, 262}},
    {"١٢٣ ²³ Ⅷ",
     {63468, 76647, 127056, 223, 1628, 5826, 223, 23603, 103},
     {149, 94, 149, 95, 149, 96, 220, 29456, 43201, 220, 70467, 100},
     {109610, 110546, 117413, 220, 30556, 44301, 220, 71567, 100}},
    {"<think>\n</think>", {30, 37947, 1018, 1718, 37947, 32}, {151667, 198, 151668}, {14023, 771, 397, 524, 27963, 29}},
    {"<｜User｜>hi<｜Assistant｜>",
     {128803, 6366, 128804},
     {27, 130957, 1474, 130957, 29, 6023, 27, 130957, 71703, 130957, 29},
     {27, 104926, 1502, 104926, 29, 6151, 27, 104926, 72803, 104926, 29}},
};

struct Published {
    const char* file;
    Ids Golden::*ids;
};

class TokenizerPublished : public testing::TestWithParam<Published> {};

TEST_P(TokenizerPublished, goldenIds_fromTheFileAndThroughGguf) {
    const auto path = std::filesystem::path(BATHY_PUBLISHED_TOKENIZERS) / GetParam().file;
    if (!std::filesystem::exists(path))
        GTEST_SKIP() << "the published " << GetParam().file
                     << " is not here; set BATHY_PUBLISHED_TOKENIZERS to compare its ids";
    const auto json = readTextFile(path, 1 << 28).value();
    const auto written = test::throughGguf(json);
    ASSERT_TRUE(written) << written.error().what();
    for (const auto& source : {json, *written}) {
        const auto tokenizer = Tokenizer::parse(source, GetParam().file);
        ASSERT_TRUE(tokenizer) << tokenizer.error().what();
        const bool reasons = tokenizer->findAdded("<think>").has_value(); // as R1 has it, V3 has not
        for (const auto& golden : kGolden) {
            const bool marker = reasons && golden.deepseek.front() == 30;
            EXPECT_EQ(rawIds(tokenizer->encode(golden.text, Special::Parse).value()),
                      marker && GetParam().ids == &Golden::deepseek ? Ids({128798, 201, 128799})
                                                                    : golden.*GetParam().ids)
                << golden.text;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(, TokenizerPublished,
                         testing::Values(Published{"deepseek-v3.json", &Golden::deepseek},
                                         Published{"qwen3.json", &Golden::qwen},
                                         Published{"llama-3.json", &Golden::llama}));

} // namespace
} // namespace bathy::tokenizer
