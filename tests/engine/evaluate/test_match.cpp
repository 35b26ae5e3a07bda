#include "engine/evaluate/match.h"

#include <gtest/gtest.h>

namespace bathy::evaluate {
namespace {

TEST(Match, Exact_ignoresWhiteSpaceAround) {
    EXPECT_TRUE(matches(Match::Exact, "3, 7", " 3, 7\n"));
    EXPECT_FALSE(matches(Match::Exact, "3, 7", "3,7"));
    EXPECT_FALSE(matches(Match::Exact, "Yes", "yes"));
    EXPECT_FALSE(matches(Match::Exact, "Yes", ""));
}

TEST(Match, Contains_wantsWholeWordsAndNumbers) {
    EXPECT_TRUE(matches(Match::Contains, "57211", "The number is 57211."));
    EXPECT_FALSE(matches(Match::Contains, "57211", "The number is 157211."));
    EXPECT_FALSE(matches(Match::Contains, "5721", "57211"));
    EXPECT_TRUE(matches(Match::Contains, "5721", "57211 or 5721"));
    EXPECT_FALSE(matches(Match::Contains, "ear", "é, early years"));
    EXPECT_TRUE(matches(Match::Contains, "ear.", "the ear."));
    EXPECT_FALSE(matches(Match::Contains, "7", ""));
}

TEST(Match, Json_comparesValues) {
    EXPECT_TRUE(matches(Match::Json, R"({"a":1,"b":[true]})", R"( { "b": [true], "a": 1 } )"));
    EXPECT_FALSE(matches(Match::Json, R"({"a":1})", R"({"a":"1"})"));
    EXPECT_FALSE(matches(Match::Json, R"({"a":1})", R"({"a":1)"));
    EXPECT_FALSE(matches(Match::Json, R"({"a":1})", ""));
}

TEST(Match, Number_takesTheLastByValue) {
    EXPECT_TRUE(matches(Match::Number, "579", "123 + 456 = 579"));
    EXPECT_TRUE(matches(Match::Number, "579", "That makes 0579.0."));
    EXPECT_TRUE(matches(Match::Number, "1234567", "1,234,567 metres"));
    EXPECT_TRUE(matches(Match::Number, "-4", "3 - 7 = -4"));
    EXPECT_TRUE(matches(Match::Number, "4", "7-4")) << "no minus between numbers";
    EXPECT_TRUE(matches(Match::Number, "0.5", "0.50"));
    EXPECT_TRUE(matches(Match::Number, "99999999999999999999", "99999999999999999999"));
    EXPECT_FALSE(matches(Match::Number, "99999999999999999999", "99999999999999999998"));
    EXPECT_FALSE(matches(Match::Number, "4", "-4"));
    EXPECT_FALSE(matches(Match::Number, "579", "579 is not 580"));
    EXPECT_FALSE(matches(Match::Number, "5", "five"));
    EXPECT_TRUE(matches(Match::Number, "0", "-0.0"));
}

TEST(Match, Expected_mustBeComparable) {
    EXPECT_FALSE(canMatch(Match::Number, "four"));
    EXPECT_FALSE(canMatch(Match::Json, "{"));
    EXPECT_FALSE(canMatch(Match::Contains, " "));
    EXPECT_TRUE(canMatch(Match::Json, "[]"));
    EXPECT_FALSE(matchFromName("Exact"));
}

} // namespace
} // namespace bathy::evaluate
