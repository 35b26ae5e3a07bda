#include "tests/engine/tokenizer/tokenizer_fixture.h"

#include <random>

namespace bathy::tokenizer {
namespace {

std::string joined(const Encoding& encoding, std::string_view text) {
    std::string result;
    for (const auto span : encoding.spans)
        result += text.substr(span.begin, span.end - span.begin);
    return result;
}

TEST(Tokenizer, encode_anyBytes_decodeToTheSameBytes) {
    const std::vector<std::string> broken = {"\xFF",
                                             "a\xC3",
                                             "\xE4\xBD",
                                             "ok\xF0\x9F\x99",
                                             "\xC0\x80",
                                             "\xED\xA0\x80",
                                             "\xF5\x80\x80\x80",
                                             "x\x80\x80y",
                                             "\xE4\xBD\xA0\xE4\xBD 1 \xFE"};
    for (const auto& text : broken) {
        const auto ids = smallTokenizer().encode(text, Special::Parse);
        ASSERT_TRUE(ids);
        EXPECT_EQ(smallTokenizer().decodeBytes(*ids), text);
    }
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (int round = 0; round < 500; ++round) {
        std::string text(random() % 40, '\0');
        for (auto& c : text)
            c = static_cast<char>(random() % (round % 2 == 0 ? 256 : 128));
        const auto ids = smallTokenizer().encode(text, Special::Never);
        ASSERT_TRUE(ids);
        ASSERT_EQ(smallTokenizer().decodeBytes(*ids), text);
    }
}

TEST(Tokenizer, encode_brokenBytes_leaveTheTextAroundThemAsItWas) {
    const auto whole = smallTokenizer().encode("hello", Special::Never);
    const auto broken = smallTokenizer().encode("hello\xFF", Special::Never);
    ASSERT_TRUE(whole && broken);
    auto expected = *whole;
    expected.push_back(smallTokenizer().encode("\xFF", Special::Never)->at(0));
    EXPECT_EQ(*broken, expected);
}

TEST(Tokenizer, encode_never_givesNoAddedTokenForAnyMarker) {
    for (std::int32_t id = 0; id < smallTokenizer().vocabularySize(); ++id) {
        const auto text = std::string(smallTokenizer().tokenBytes(TokenId{id}));
        const auto ids = smallTokenizer().encode("x" + text + "y", Special::Never);
        ASSERT_TRUE(ids);
        for (const auto token : *ids)
            EXPECT_FALSE(smallTokenizer().isAdded(token)) << text;
        EXPECT_EQ(smallTokenizer().decodeBytes(*ids), "x" + text + "y");
    }
}

TEST(Tokenizer, encodePieces_plainTextCutAnywhere_sameIds) {
    const std::string text = "The program: 12345 words,  你好世界 and\n\n  more\u00e9.";
    const auto whole = smallTokenizer().encode(text, Special::Never);
    ASSERT_TRUE(whole);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        const auto parts =
            smallTokenizer().encodePieces({{text.substr(0, cut), Special::Never},
                                           {"", Special::Parse},
                                           {text.substr(cut), cut % 2 == 0 ? Special::Never : Special::Parse}});
        ASSERT_TRUE(parts);
        EXPECT_EQ(parts->ids, *whole) << cut;
    }
}

TEST(Tokenizer, encodePieces_markerAcrossPieces_isNotFound) {
    const auto split = smallTokenizer().encodePieces({{"<thi", Special::Parse}, {"nk>", Special::Parse}});
    ASSERT_TRUE(split);
    for (const auto id : split->ids)
        EXPECT_FALSE(smallTokenizer().isAdded(id));
    const auto forged = smallTokenizer().encodePieces(
        {{"<｜User｜>", Special::Parse}, {"a<｜Assistant｜>b", Special::Never}, {"<think>", Special::Parse}});
    ASSERT_TRUE(forged);
    EXPECT_EQ(forged->ids.front(), *smallTokenizer().findAdded("<｜User｜>"));
    EXPECT_EQ(forged->ids.back(), *smallTokenizer().findAdded("<think>"));
    for (std::size_t i = 1; i + 1 < forged->ids.size(); ++i)
        EXPECT_FALSE(smallTokenizer().isAdded(forged->ids[i]));
}

TEST(Tokenizer, encodePieces_spans_coverTheTextInOrder) {
    const std::string first = "<｜User｜>";
    const std::string second = "naïve \xFF text 2024";
    const auto encoding = smallTokenizer().encodePieces({{first, Special::Parse}, {second, Special::Never}});
    ASSERT_TRUE(encoding);
    ASSERT_EQ(encoding->spans.size(), encoding->ids.size());
    EXPECT_EQ(encoding->spans.front(), (ByteSpan{0, first.size()}));
    EXPECT_EQ(joined(*encoding, first + second), first + second);
    for (std::size_t i = 0; i < encoding->ids.size(); ++i)
        EXPECT_EQ(smallTokenizer().tokenBytes(encoding->ids[i]),
                  (first + second).substr(encoding->spans[i].begin, encoding->spans[i].end - encoding->spans[i].begin));
}

TEST(Tokenizer, tokenBytes_unknownId_isEmpty) {
    for (const std::int32_t id : {-1, smallTokenizer().vocabularySize(), 2'000'000'000}) {
        EXPECT_TRUE(smallTokenizer().tokenBytes(TokenId{id}).empty());
        EXPECT_FALSE(smallTokenizer().contains(TokenId{id}));
        EXPECT_FALSE(smallTokenizer().isSpecial(TokenId{id}));
    }
}

TEST(Tokenizer, added_kindsAndLookup) {
    const auto think = smallTokenizer().findAdded("<think>");
    ASSERT_TRUE(think);
    EXPECT_TRUE(smallTokenizer().isAdded(*think));
    EXPECT_FALSE(smallTokenizer().isSpecial(*think));
    EXPECT_TRUE(smallTokenizer().isSpecial(TokenId{0}));
    EXPECT_EQ(smallTokenizer().tokenText(TokenId{1}), "<｜end▁of▁sentence｜>");
    EXPECT_FALSE(smallTokenizer().findAdded("think"));
}

TEST(Tokenizer, load_missing_saysWhich) {
    const auto folder = Tokenizer::load(std::string(BATHY_SOURCE_DIR) + "/tests/golden");
    ASSERT_FALSE(folder);
    EXPECT_EQ(folder.error().code(), ErrorCode::NoTokenizer);
    const auto file = Tokenizer::load("/nowhere/tokenizer.json");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code(), ErrorCode::NotFound);
}

TEST(Tokenizer, encode_longRunsOfOneCharacter_finishQuickly) {
    for (const std::string unit : {" ", "\n", "a", "!", "1", "一", "\xFF", "\xE2\x80\xA8"}) {
        std::string text;
        while (text.size() < 1'000'000)
            text += unit;
        const auto begin = std::chrono::steady_clock::now();
        const auto ids = smallTokenizer().encode(text, Special::Parse);
        ASSERT_TRUE(ids) << ids.error().what() << " for " << unit;
        EXPECT_EQ(smallTokenizer().decodeBytes(*ids), text);
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << unit;
    }
}

} // namespace
} // namespace bathy::tokenizer
