// The 2,118 vectors of the published DeepSeek-V4 tokenizer. Its file is not in the tree: give it to CMake with
// -DBATHY_V4_TOKENIZER=/path/to/tokenizer.json or put it at tests/data/deepseek-v4/tokenizer.json.
#include "tests/engine/tokenizer/tokenizer_fixture.h"

#include <filesystem>

namespace bathy::tokenizer {
namespace {

std::filesystem::path v4Path() {
    const std::filesystem::path given = BATHY_V4_TOKENIZER;
    return given.empty() ? std::filesystem::path(BATHY_SOURCE_DIR) / "tests/data/deepseek-v4/tokenizer.json" : given;
}

TEST(TokenizerV4, encode_publishedVectors_allEqual) {
    if (!std::filesystem::exists(v4Path()))
        GTEST_SKIP() << "the published DeepSeek-V4 tokenizer.json is not here (" << v4Path().string()
                     << "); set BATHY_V4_TOKENIZER to compare its 2,118 vectors";
    const auto tokenizer = Tokenizer::load(v4Path());
    ASSERT_TRUE(tokenizer) << tokenizer.error().what();
    const auto rows = goldenJson("deepseek_v4_vectors.json");
    ASSERT_EQ(rows.size(), 2118U);
    std::size_t equal = 0;
    for (const auto& row : rows) {
        const auto text = row.at("t").get<std::string>();
        const auto ids = tokenizer->encode(text, Special::Parse);
        ASSERT_TRUE(ids) << ids.error().what();
        EXPECT_EQ(rawIds(*ids), row.at("ids").get<std::vector<std::int32_t>>()) << row.at("t");
        EXPECT_EQ(tokenizer->decodeBytes(*ids), text);
        equal += rawIds(*ids) == row.at("ids").get<std::vector<std::int32_t>>() ? 1 : 0;
    }
    std::cout << equal << " of " << rows.size() << " vectors equal\n";
}

} // namespace
} // namespace bathy::tokenizer
