#include "engine/evaluate/haystack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>

namespace bathy::evaluate {
namespace {

const tokenizer::Tokenizer& bundledTokenizer() {
    static const auto tokenizer = [] {
        auto loaded = tokenizer::Tokenizer::load(std::string(BATHY_SOURCE_DIR) + "/resources/checkpoints/nano");
        if (!loaded)
            throw std::runtime_error(loaded.error().what());
        return *std::move(loaded);
    }();
    return tokenizer;
}

std::string prose() {
    std::string text;
    for (int i = 0; i < 200; ++i)
        text += "It was day " + std::to_string(i) + ", and nobody in the house had heard the door.\n";
    return text;
}

PasskeyQuestion ask(const Passkey& passkey, const std::string& text = prose()) {
    const auto haystack = Haystack::create(text, "prose.txt", bundledTokenizer());
    EXPECT_TRUE(haystack) << haystack.error().what();
    const auto question = haystack->ask(passkey, bundledTokenizer());
    EXPECT_TRUE(question);
    return *question;
}

std::vector<std::string> needlesIn(const std::string& text) {
    const std::regex pattern("The secret number of [A-Z][a-z]+ is [0-9]{5}\\.");
    std::vector<std::string> found;
    for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it)
        found.push_back(it->str());
    return found;
}

TEST(SplitSentences, EndAtMarksBeforeWhiteSpace) {
    EXPECT_THAT(splitSentences("One.  Two!\nIs 3.5 three? \"Four.\" fi\nve"),
                testing::ElementsAre("One.", "Two!", "Is 3.5 three?", "\"Four.\"", "fi ve"));
    EXPECT_THAT(splitSentences("He said “no.” She left"), testing::ElementsAre("He said “no.”", "She left"));
    EXPECT_TRUE(splitSentences(" \n\t").empty());
}

TEST(Haystack, Question_holdsTheNeedleOnceAndAsksForIt) {
    const auto question = ask({2048, 0.5, 3, 0});
    const auto needles = needlesIn(question.prompt);
    ASSERT_EQ(needles.size(), 1U);
    EXPECT_THAT(needles[0], testing::HasSubstr(question.answer));
    const auto name = needles[0].substr(21, needles[0].find(" is ") - 21);
    EXPECT_TRUE(question.prompt.ends_with("\n\nWhat is the secret number of " + name + "?")) << question.prompt;
}

TEST(Haystack, Length_isReachedAndNeverPassed) {
    for (const std::int64_t length : {256, 1000, 4096, 20'000})
        for (const int decoys : {0, 4}) {
            const auto question = ask({length, 0.3, 5, decoys});
            const auto tokens =
                std::ssize(bundledTokenizer().encode(question.prompt, tokenizer::Special::Never).value());
            EXPECT_LE(tokens, length - 4) << "room for the markers of a chat";
            EXPECT_GT(tokens, length - 80);
        }
}

TEST(Haystack, Depth_isWhereTheNeedleStands) {
    for (const double depth : {0.0, 0.25, 0.5, 0.95}) {
        const auto question = ask({8192, depth, 1, 0});
        const auto share = static_cast<double>(question.prompt.find("The secret number of")) /
                           static_cast<double>(question.prompt.size());
        EXPECT_NEAR(share, depth, 0.02);
    }
    const auto last = ask({2048, 1, 1, 0});
    EXPECT_GT(last.prompt.find("The secret number of"), last.prompt.size() - 120);
}

TEST(Haystack, Decoys_haveOtherNamesAndOtherNumbers) {
    const auto question = ask({8192, 0.5, 9, kMostDecoys});
    auto needles = needlesIn(question.prompt);
    ASSERT_EQ(needles.size(), 16U);
    std::set<std::string> names;
    std::set<std::string> numbers;
    for (const auto& needle : needles) {
        names.insert(needle.substr(21, needle.find(" is ") - 21));
        numbers.insert(needle.substr(needle.size() - 6, 5));
    }
    EXPECT_EQ(names.size(), 16U);
    EXPECT_EQ(numbers.size(), 16U);
    EXPECT_TRUE(numbers.contains(question.answer));
}

TEST(Haystack, SameSeed_isTheSameDocumentAndAnotherIsNot) {
    EXPECT_EQ(ask({1024, 0.5, 7, 2}).prompt, ask({1024, 0.5, 7, 2}).prompt);
    EXPECT_NE(ask({1024, 0.5, 7, 2}).prompt, ask({1024, 0.5, 8, 2}).prompt);
    EXPECT_NE(ask({1024, 0.5, 7, 2}).answer, ask({1024, 0.5, 8, 2}).answer);
}

TEST(Haystack, ShortProse_isRepeatedAndNoProseRefused) {
    EXPECT_EQ(needlesIn(ask({1024, 0.5, 7, 0}, "A door. A road.").prompt).size(), 1U);
    const auto nothing = Haystack::create(" \n", "prose.txt", bundledTokenizer());
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().what(), "prose.txt: holds no sentence");
}

} // namespace
} // namespace bathy::evaluate
