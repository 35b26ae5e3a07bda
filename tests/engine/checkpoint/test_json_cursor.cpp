#include "engine/checkpoint/json_cursor.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using bathy::checkpoint::JsonCursor;

namespace {

bool accepts(std::string_view text) {
    JsonCursor cursor(text);
    return cursor.skipValue() && cursor.finish();
}

std::string stringOf(std::string_view text) {
    JsonCursor cursor(text);
    std::string_view value;
    return cursor.string(value) && cursor.finish() ? std::string(value) : "refused: " + cursor.problem();
}

} // namespace

TEST(JsonCursor, values_agreeWithAReferenceParser) {
    for (const char* text : {"1",
                             "-0.5e+3",
                             "0",
                             "01",
                             "-",
                             "1.",
                             "1e",
                             ".5",
                             "+1",
                             "true",
                             "tru",
                             "null",
                             "nul",
                             "false",
                             "\"a\"",
                             "\"",
                             "[]",
                             "[1,]",
                             "[,1]",
                             "[1 2]",
                             "{}",
                             "{\"a\":1,}",
                             "{\"a\" 1}",
                             "{a:1}",
                             "{\"a\":{\"b\":[1,2,{}]}}",
                             "[1]x",
                             "  [ 1 , 2 ]\n",
                             "\"\\u00e9\\n\"",
                             "\"\\x\"",
                             "\"\\u12g4\"",
                             "\"\\ud83d\\ude00\"",
                             "\"\\ud83d\"",
                             "\"\t\"",
                             "",
                             "\"\xc3\xa9\"",
                             "\"\xc3\"",
                             "\"\xed\xa0\x80\"",
                             "\"\xf4\x90\x80\x80\"",
                             "\"\xf0\x9f\x99\x82\"",
                             "[[[[[[[1]]]]]]]"})
        EXPECT_EQ(accepts(text), nlohmann::json::accept(text)) << text;
}

TEST(JsonCursor, depth_nineIsRefused) {
    EXPECT_TRUE(accepts("[[[[[[[[]]]]]]]]"));
    EXPECT_FALSE(accepts("[[[[[[[[[]]]]]]]]]"));
    EXPECT_FALSE(accepts(std::string(1'000'000, '[')));
}

TEST(JsonCursor, string_escapesBecomeBytes) {
    EXPECT_EQ(stringOf(R"("plain")"), "plain");
    EXPECT_EQ(stringOf(R"("a\"\\\/\b\f\n\r\tz")"), "a\"\\/\b\f\n\r\tz");
    EXPECT_EQ(stringOf(R"("\u0041\u00e9\u20ac\ud83d\ude00!")"), "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80!");
    EXPECT_EQ(stringOf(R"("\ude00")"), "refused: half a surrogate pair in a text at byte 7");
}

TEST(JsonCursor, unsignedInteger_limitsAreExact) {
    const auto read = [](std::string_view text) {
        JsonCursor cursor(text);
        std::uint64_t value = 0;
        return cursor.unsignedInteger(value) ? std::to_string(value) : cursor.problem();
    };
    EXPECT_EQ(read("0"), "0");
    EXPECT_EQ(read("9223372036854775807"), "9223372036854775807");
    EXPECT_EQ(read("9223372036854775808"), "number larger than 2^63 - 1 at byte 18");
    EXPECT_EQ(read("-1"), "expected a number that is not negative at byte 0");
    EXPECT_EQ(read("1.0"), "expected a whole number at byte 1");
    EXPECT_EQ(read("00"), "number with a leading zero at byte 0");
}

TEST(JsonCursor, members_walkInOrderAndStopAtTheFirstProblem) {
    JsonCursor cursor(R"({"a": [1, 2], "b": "x")");
    std::string_view key;
    ASSERT_TRUE(cursor.beginObject());
    ASSERT_TRUE(cursor.nextMember(key));
    EXPECT_EQ(key, "a");
    ASSERT_TRUE(cursor.skipValue());
    ASSERT_TRUE(cursor.nextMember(key));
    EXPECT_EQ(key, "b");
    ASSERT_TRUE(cursor.skipValue());
    EXPECT_FALSE(cursor.nextMember(key));
    EXPECT_EQ(cursor.problem(), "expected ',' or '}' at byte 22");
    EXPECT_FALSE(cursor.finish());
}
