#include "engine/tokenizer/stream_decoder.h"

#include "engine/tokenizer/utf8.h"
#include "tests/engine/tokenizer/tokenizer_fixture.h"

#include <random>

namespace bathy::tokenizer {
namespace {

TEST(StreamDecoder, feed_characterOverManyTokens_comesWhole) {
    StreamDecoder decoder(smallTokenizer());
    const auto ids = smallTokenizer().encode("𝟘", Special::Never); // no merges: four single bytes
    ASSERT_TRUE(ids);
    ASSERT_EQ(ids->size(), 4U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(decoder.feed((*ids)[i]), "");
        EXPECT_TRUE(decoder.isOpen());
    }
    EXPECT_EQ(decoder.feed((*ids)[3]), "𝟘");
    EXPECT_FALSE(decoder.isOpen());
}

TEST(StreamDecoder, feedBytes_anyCuts_equalTheWholeText) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (int i = 0; i < 12; ++i)
            if (random() % 3 == 0)
                text.push_back(static_cast<char>(random() % 256));
            else
                utf8Append(text, std::array<char32_t, 5>{'a', 0xE9, 0x4F60, 0x1F642, 0x10FFFF}[random() % 5]);
        StreamDecoder decoder(smallTokenizer());
        std::string streamed;
        for (std::size_t at = 0; at < text.size();) {
            const auto count = 1 + random() % 3;
            const auto delta = decoder.feedBytes(std::string_view(text).substr(at, count));
            ASSERT_EQ(utf8ValidPrefix(delta), delta.size());
            streamed += delta;
            at += count;
        }
        streamed += decoder.finish();
        ASSERT_EQ(streamed, utf8Lossy(text));
    }
}

TEST(StreamDecoder, finish_openCharacter_becomesOneReplacement) {
    StreamDecoder decoder(smallTokenizer());
    EXPECT_EQ(decoder.feedBytes("a\xF0\x9F\x99"), "a");
    EXPECT_EQ(decoder.finish(), "\xEF\xBF\xBD");
    EXPECT_EQ(decoder.finish(), "");
}

TEST(StreamDecoder, feed_addedTokenAfterOpenBytes_replacesAndGoesOn) {
    StreamDecoder decoder(smallTokenizer());
    EXPECT_EQ(decoder.feedBytes("\xE4\xBD"), "");
    EXPECT_EQ(decoder.feed(TokenId{1}), "\xEF\xBF\xBD<｜end▁of▁sentence｜>");
}

} // namespace
} // namespace bathy::tokenizer
