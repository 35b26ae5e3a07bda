// Equality with the reference implementation on tokenizers with the chains of Qwen2/Qwen3, Llama 3, DeepSeek-V2 and V3
// (tests/golden/make_tokenizer_family_vectors.py), and the way back from normal form C.
#include "engine/tokenizer/nfc.h"
#include "engine/tokenizer/regex.h"
#include "tests/engine/tokenizer/gguf_round_trip.h"
#include "tests/engine/tokenizer/tokenizer_fixture.h"

namespace bathy::tokenizer {
namespace {

nlohmann::json familyJson(const std::string& name) {
    const auto text =
        readTextFile(std::string(BATHY_SOURCE_DIR) + "/tests/golden/tokenizer_families/" + name, 1ULL << 30U);
    return text ? nlohmann::json::parse(*text) : nlohmann::json();
}

class TokenizerFamily : public testing::TestWithParam<const char*> {};

TEST_P(TokenizerFamily, encode_everyString_givesTheReferenceIds) {
    const std::string name = GetParam();
    const auto tokenizer =
        Tokenizer::load(std::string(BATHY_SOURCE_DIR) + "/tests/golden/tokenizer_families/" + name + ".json");
    ASSERT_TRUE(tokenizer) << tokenizer.error().what();
    const auto strings = familyJson("strings.json");
    const auto ids = familyJson(name + "_ids.json");
    ASSERT_EQ(strings.size(), 2000U);
    ASSERT_EQ(ids.size(), strings.size());
    for (std::size_t i = 0; i < strings.size(); ++i) {
        const auto text = strings[i].get<std::string>();
        const auto encoding = tokenizer->encodePieces({Piece{text, Special::Parse}});
        ASSERT_TRUE(encoding) << encoding.error().what();
        EXPECT_EQ(rawIds(encoding->ids), ids[i].get<std::vector<std::int32_t>>()) << strings[i];
        std::uint64_t at = 0;
        for (const auto& span : encoding->spans) {
            EXPECT_GE(span.begin, at);
            EXPECT_GE(span.end, span.begin);
            at = span.end;
        }
        EXPECT_LE(at, text.size());
    }
}

TEST_P(TokenizerFamily, throughGguf_givesTheSameIds) {
    const std::string name = GetParam();
    auto json = familyJson(name + ".json");
    for (auto& token : json["added_tokens"]) // GGUF has no word for these
        token["lstrip"] = token["rstrip"] = token["single_word"] = token["normalized"] = false;
    const auto written = test::throughGguf(json.dump());
    ASSERT_TRUE(written) << written.error().what();
    const auto original = Tokenizer::parse(json.dump(), name).value();
    const auto again = Tokenizer::parse(*written, name).value();
    // See patternsOf in gguf_tokenizer.cpp: what GGUF's name for V2's rule does not promise.
    const auto foreign = Regex::compile("(?![0-9])\\p{N}\\p{N}|\\p{N}(?![0-9])\\p{N}").value();
    Regex::Scratch scratch;
    const auto isPromised = [&](const std::string& text) {
        return name != "deepseek_v2" || !foreign.find(text, 0, scratch).value();
    };
    for (const auto& one : familyJson("strings.json"))
        if (isPromised(one.get<std::string>()))
            EXPECT_EQ(again.encode(one.get<std::string>(), Special::Parse).value(),
                      original.encode(one.get<std::string>(), Special::Parse).value())
                << one;
}

TEST(TokenizerV2, singleDigits_thatATokenJoins_haveNoNameInGguf) {
    auto json = familyJson("deepseek_v2.json");
    json["model"]["vocab"]["12"] = json["model"]["vocab"].size() + json["added_tokens"].size();
    json["model"]["merges"].push_back({"1", "2"});
    const auto written = test::throughGguf(json.dump());
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code(), ErrorCode::Unsupported);
}

INSTANTIATE_TEST_SUITE_P(, TokenizerFamily, testing::Values("qwen", "llama3", "deepseek_v2", "deepseek_v3"),
                         [](const auto& test) { return std::string(test.param); });

TEST(Nfc, changedStretches_leadBackToTheBytesThatWereGiven) {
    const NfcText plain("caf\xC3\xA9 \xE4\xBD\xA0");
    EXPECT_EQ(plain.text(), "caf\xC3\xA9 \xE4\xBD\xA0");
    EXPECT_EQ(plain.given(5), 5U);
    const NfcText joined("cafe\xCC\x81!"); // e and a mark
    EXPECT_EQ(joined.text(), "caf\xC3\xA9!");
    EXPECT_EQ(joined.given(3), 3U);
    EXPECT_EQ(joined.given(4), 6U); // inside what was changed
    EXPECT_EQ(joined.given(5), 6U);
    EXPECT_EQ(joined.given(6), 7U);
}

TEST(Nfc, brokenBytes_stayWhereTheyAre) {
    const NfcText text("e\xCC\x81\xFF\xC3");
    EXPECT_EQ(text.text(), "\xC3\xA9\xFF\xC3");
    EXPECT_EQ(text.given(4), 5U);
    EXPECT_EQ(NfcText("").text(), "");
    EXPECT_EQ(NfcText("\xCC\x81").text(), "\xCC\x81");
}

} // namespace
} // namespace bathy::tokenizer
