#include "engine/tokenizer/utf8.h"

#include <gtest/gtest.h>

namespace bathy::tokenizer {
namespace {

TEST(Utf8, append_everyCharacter_stepsBackToIt) {
    for (char32_t c = 0; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 61) {
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        std::string text;
        utf8Append(text, c);
        const auto step = utf8Step(text);
        ASSERT_EQ(step.state, Utf8State::Whole) << static_cast<unsigned>(c);
        ASSERT_EQ(step.character, c);
        ASSERT_EQ(step.length, text.size());
    }
}

TEST(Utf8, step_brokenBytes_areNamedRight) {
    const auto state = [](std::string_view text) { return utf8Step(text).state; };
    EXPECT_EQ(state("\x80"), Utf8State::Invalid);
    EXPECT_EQ(state("\xC0\x80"), Utf8State::Invalid);
    EXPECT_EQ(state("\xC1\xBF"), Utf8State::Invalid);
    EXPECT_EQ(state("\xE0\x80\x80"), Utf8State::Invalid);
    EXPECT_EQ(state("\xED\xA0\x80"), Utf8State::Invalid);
    EXPECT_EQ(state("\xF4\x90\x80\x80"), Utf8State::Invalid);
    EXPECT_EQ(state("\xF5\x80"), Utf8State::Invalid);
    EXPECT_EQ(state("\xE4\xBD"), Utf8State::Open);
    EXPECT_EQ(state("\xF0\x9F\x99"), Utf8State::Open);
    EXPECT_EQ(state("\xE4"), Utf8State::Open);
}

// Unicode standard, tables 3-8 to 3-11: one replacement for each maximal part.
TEST(Utf8, lossy_maximalParts_oneReplacementEach) {
    const std::string r(kReplacement);
    EXPECT_EQ(utf8Lossy("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"), r + r + r + r + r + r + r + r + "A");
    EXPECT_EQ(utf8Lossy("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"), r + r + r + r + r + r + r + r + "A");
    EXPECT_EQ(utf8Lossy("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"), r + r + r + r + r + "A" + r + r + "B");
    EXPECT_EQ(utf8Lossy("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), r + r + r + r + "A");
}

} // namespace
} // namespace bathy::tokenizer
