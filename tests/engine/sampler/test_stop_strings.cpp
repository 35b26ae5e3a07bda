#include "engine/sampler/stop_strings.h"

#include <gtest/gtest.h>
#include <random>

namespace bathy::sampler {
namespace {

TEST(StopStrings, feed_stopOverManyParts_isFoundAndNotShown) {
    StopStrings stops({"</end>"});
    EXPECT_EQ(stops.feed("hello <").text, "hello ");
    EXPECT_EQ(stops.feed("/e").text, "");
    const auto last = stops.feed("nd> tail");
    EXPECT_EQ(last.text, "");
    EXPECT_TRUE(last.stopped);
    EXPECT_EQ(stops.found(), "</end>");
    EXPECT_EQ(stops.feed("more").text, "");
    EXPECT_TRUE(stops.feed("more").stopped);
    EXPECT_EQ(stops.finish(), "");
}

TEST(StopStrings, feed_falseStart_isShownAfterAll) {
    StopStrings stops({"</end>"});
    EXPECT_EQ(stops.feed("a </e").text, "a ");
    EXPECT_EQ(stops.feed("m>").text, "</em>");
    EXPECT_EQ(stops.feed("x <").text, "x ");
    EXPECT_EQ(stops.finish(), "<");
}

TEST(StopStrings, feed_severalStops_theFirstCompleteWins) {
    StopStrings stops({"world", "lo w"});
    const auto output = stops.feed("hello world");
    EXPECT_EQ(output.text, "hel");
    EXPECT_EQ(stops.found(), "lo w");
}

TEST(StopStrings, feed_overlappingStart_isNotMissed) {
    StopStrings stops({"aab"});
    EXPECT_EQ(stops.feed("a").text, "");
    EXPECT_EQ(stops.feed("a").text, "");
    EXPECT_EQ(stops.feed("a").text, "a");
    const auto output = stops.feed("b");
    EXPECT_TRUE(output.stopped);
    EXPECT_EQ(output.text, "");
}

TEST(StopStrings, feed_noStops_showsAllAtOnce) {
    StopStrings stops({"", ""});
    EXPECT_EQ(stops.feed("text").text, "text");
    EXPECT_FALSE(stops.feed("").stopped);
}

TEST(StopStrings, feed_anyCuts_equalTheSearchInTheWhole) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (int round = 0; round < 3000; ++round) {
        const auto word = [&](std::size_t length) {
            std::string text;
            for (std::size_t i = 0; i < length; ++i)
                text.push_back(static_cast<char>('a' + random() % 2));
            return text;
        };
        const std::vector<std::string> list = {word(3 + random() % 4), word(2 + random() % 4)};
        const auto text = word(30);
        StopStrings stops(list);
        std::string shown;
        bool stopped = false;
        for (std::size_t at = 0; at < text.size() && !stopped;) {
            const auto count = 1 + random() % 4;
            const auto output = stops.feed(std::string_view(text).substr(at, count));
            shown += output.text;
            stopped = output.stopped;
            at += count;
        }
        if (!stopped)
            shown += stops.finish();
        StopStrings whole(list);
        auto expected = whole.feed(text);
        expected.text += whole.finish();
        ASSERT_EQ(stopped, expected.stopped) << text;
        ASSERT_EQ(shown, expected.text) << text << " " << list[0] << " " << list[1];
        ASSERT_EQ(stops.found(), whole.found());
        const bool anywhere = text.find(list[0]) != std::string::npos || text.find(list[1]) != std::string::npos;
        ASSERT_EQ(stopped, anywhere);
    }
}

} // namespace
} // namespace bathy::sampler
