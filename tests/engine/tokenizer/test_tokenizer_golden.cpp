// Equality with the reference implementation on the small tokenizer (tests/golden/make_tokenizer_vectors.py).
#include "engine/tokenizer/byte_alphabet.h"
#include "engine/tokenizer/pre_tokenizer_fields.h"
#include "tests/engine/tokenizer/tokenizer_fixture.h"

namespace bathy::tokenizer {
namespace {

TEST(TokenizerGolden, encode_everyVector_givesTheReferenceIds) {
    const auto rows = goldenJson("vectors.json");
    ASSERT_GT(rows.size(), 500U);
    for (const auto& row : rows) {
        const auto text = row.at("text").get<std::string>();
        const auto ids = smallTokenizer().encode(text, Special::Parse);
        ASSERT_TRUE(ids) << ids.error().what();
        EXPECT_EQ(rawIds(*ids), row.at("ids").get<std::vector<std::int32_t>>()) << row.at("text");
    }
}

TEST(TokenizerGolden, decode_everyVector_givesTheReferenceText) {
    for (const auto& row : goldenJson("vectors.json")) {
        std::vector<TokenId> ids;
        for (const auto& id : row.at("ids"))
            ids.push_back(TokenId{id.get<std::int32_t>()});
        EXPECT_EQ(smallTokenizer().decodeBytes(ids), row.at("decoded").get<std::string>()) << row.at("ids");
    }
}

TEST(TokenizerGolden, preTokenizer_everyVector_cutsTheReferenceWords) {
    const auto rules = readPreTokenizer(goldenJson("tokenizer.json"));
    ASSERT_TRUE(rules) << rules.error().what();
    const auto preTokenizer = PreTokenizer::create(*rules);
    ASSERT_TRUE(preTokenizer) << preTokenizer.error().what();
    PreTokenizer::Scratch scratch;
    for (const auto& row : goldenJson("vectors.json")) {
        const auto text = row.at("text").get<std::string>();
        std::vector<Word> words;
        ASSERT_TRUE(preTokenizer->split(text, {0, static_cast<std::uint32_t>(text.size())}, scratch, words));
        std::vector<std::string> ours;
        for (const auto word : words)
            ours.push_back(text.substr(word.begin, word.end - word.begin));
        std::vector<std::string> theirs;
        for (const auto& word : row.at("words"))
            theirs.push_back(bytesOfSymbols(word.get<std::string>()).value());
        EXPECT_EQ(ours, theirs) << row.at("text");
    }
}

} // namespace
} // namespace bathy::tokenizer
