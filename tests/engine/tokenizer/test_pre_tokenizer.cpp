#include "engine/tokenizer/pre_tokenizer.h"

#include <gtest/gtest.h>

namespace bathy::tokenizer {
namespace {

std::vector<std::string> cut(const std::vector<SplitRule>& rules, std::string_view text) {
    const auto preTokenizer = PreTokenizer::create(rules);
    EXPECT_TRUE(preTokenizer);
    PreTokenizer::Scratch scratch;
    std::vector<Word> words;
    EXPECT_TRUE(preTokenizer->split(text, {0, static_cast<std::uint32_t>(text.size())}, scratch, words));
    std::vector<std::string> result;
    for (const auto word : words)
        result.emplace_back(text.substr(word.begin, word.end - word.begin));
    return result;
}
using Words = std::vector<std::string>;

TEST(PreTokenizer, split_keep_choosesMatchesAndGaps) {
    EXPECT_EQ(cut({{"[0-9]+", Keep::All}}, "ab12cd3"), (Words{"ab", "12", "cd", "3"}));
    EXPECT_EQ(cut({{"[0-9]+", Keep::Matches}}, "ab12cd3"), (Words{"12", "3"}));
    EXPECT_EQ(cut({{"[0-9]+", Keep::Gaps}}, "ab12cd3"), (Words{"ab", "cd"}));
    EXPECT_EQ(cut({}, "ab12"), (Words{"ab12"}));
}

TEST(PreTokenizer, split_sequence_lookAroundEndsAtThePiece) {
    // Before a digit the first split ends the piece, so the blanks stay together.
    EXPECT_EQ(cut({{"[0-9]", Keep::All}, {" +(?!\\P{White_Space})| +", Keep::All}}, "a  1"), (Words{"a", "  ", "1"}));
    EXPECT_EQ(cut({{" +(?!\\P{White_Space})| +", Keep::All}}, "a  b"), (Words{"a", " ", " ", "b"}));
}

TEST(PreTokenizer, split_emptyMatches_cutAndGoOn) {
    EXPECT_EQ(cut({{"x*", Keep::All}}, "aéxxb"), (Words{"a", "é", "xx", "b"}));
    EXPECT_EQ(cut({{"(?m:^)", Keep::All}}, "a\nb"), (Words{"a\n", "b"}));
}

TEST(PreTokenizer, split_brokenBytes_areWordsOfTheirOwn) {
    EXPECT_EQ(cut({{"[a-z]+", Keep::All}}, "ab\xFF\xFE"
                                           "cd\xE4"),
              (Words{"ab", "\xFF\xFE", "cd", "\xE4"}));
}

TEST(PreTokenizer, split_explodingPattern_givesUpWithAnError) {
    const auto preTokenizer = PreTokenizer::create({{"(a+)+b|(a|aa)+c", Keep::All}});
    ASSERT_TRUE(preTokenizer);
    PreTokenizer::Scratch scratch;
    std::vector<Word> words;
    const std::string text(5000, 'a');
    const auto begin = std::chrono::steady_clock::now();
    const auto result = preTokenizer->split(text, {0, 5000}, scratch, words);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), ErrorCode::BadFile);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST(PreTokenizer, create_badPattern_saysWhereAndWhy) {
    const auto broken = PreTokenizer::create({{"a", Keep::All}, {"(a", Keep::All}});
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code(), ErrorCode::BadFile);
    EXPECT_NE(broken.error().what().find("split 1"), std::string::npos);
    EXPECT_FALSE(PreTokenizer::create({{std::string(9000, 'a'), Keep::All}}));
}

} // namespace
} // namespace bathy::tokenizer
