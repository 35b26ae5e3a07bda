// The tokenizer of a GGUF file gives the ids of the tokenizer.json it was made from.
#include "engine/tokenizer/gguf_tokenizer.h"
#include "tests/engine/tokenizer/tokenizer_fixture.h"

namespace bathy::tokenizer {
namespace {

// The small tokenizer without what GGUF cannot say: tokens that swallow spaces or count as whole words only.
std::string smallJson() {
    auto json = goldenJson("tokenizer.json");
    for (auto& token : json["added_tokens"])
        token["lstrip"] = token["rstrip"] = token["single_word"] = token["normalized"] = false;
    return json.dump();
}

GgufTokenizerText smallText() {
    return ggufTokenizer(smallJson()).value();
}

GgufTokenizer viewOf(const GgufTokenizerText& text) {
    GgufTokenizer view;
    view.model = "gpt2";
    view.pre = text.pre;
    view.tokens.assign(text.tokens.begin(), text.tokens.end());
    view.kinds = text.kinds;
    view.merges.assign(text.merges.begin(), text.merges.end());
    return view;
}

std::string problemOf(const GgufTokenizer& view) {
    const auto json = tokenizerJson(view);
    return json ? "" : json.error().what();
}

TEST(GgufTokenizer, thereAndBack_givesTheSameIds) {
    const auto text = smallText();
    EXPECT_EQ(text.pre, "deepseek-v3");
    const auto json = tokenizerJson(viewOf(text));
    ASSERT_TRUE(json) << json.error().what();
    const auto again = Tokenizer::parse(*json, "x.gguf");
    ASSERT_TRUE(again) << again.error().what();
    const auto original = Tokenizer::parse(smallJson(), "tokenizer.json").value();
    EXPECT_EQ(again->vocabularySize(), original.vocabularySize());
    for (const auto& vector : goldenJson("vectors.json")) {
        const auto words = vector["text"].get<std::string>();
        for (const auto special : {Special::Never, Special::Parse})
            EXPECT_EQ(rawIds(again->encode(words, special).value()), rawIds(original.encode(words, special).value()))
                << words;
    }
    for (std::int32_t id = 0; id < original.vocabularySize(); ++id) {
        EXPECT_EQ(again->tokenBytes(TokenId{id}), original.tokenBytes(TokenId{id})) << id;
        EXPECT_EQ(again->isSpecial(TokenId{id}), original.isSpecial(TokenId{id})) << id;
        EXPECT_EQ(again->isAdded(TokenId{id}), original.isAdded(TokenId{id})) << id;
    }
}

TEST(GgufTokenizer, otherSpellingsOfARule_areTheSameRule) {
    auto json = nlohmann::json::parse(smallJson());
    auto& pattern = json["pre_tokenizer"]["pretokenizers"][2]["pattern"]["Regex"];
    auto text = pattern.get<std::string>();
    text.replace(text.find('"'), 1, "\\\"");
    pattern = text;
    EXPECT_EQ(ggufTokenizer(json.dump()).value().pre, "deepseek-v3");
    for (auto at = text.find("\\r\\n"); at != std::string::npos; at = text.find("\\r\\n"))
        text.replace(at, 4, "\r\n"); // as DeepSeek-V3 was published
    pattern = text;
    EXPECT_EQ(ggufTokenizer(json.dump()).value().pre, "deepseek-v3");
    pattern = text + "x";
    EXPECT_FALSE(ggufTokenizer(json.dump()));
}

TEST(GgufTokenizer, whatDoesNotAgree_isNamed) {
    const auto text = smallText();
    auto view = viewOf(text);
    view.model = "llama";
    EXPECT_NE(problemOf(view).find("tokenizer.ggml.model"), std::string::npos) << problemOf(view);
    view = viewOf(text);
    view.pre = "mystery";
    EXPECT_NE(problemOf(view).find("tokenizer.ggml.pre"), std::string::npos) << problemOf(view);
    EXPECT_NE(problemOf(view).find("deepseek-v3, qwen2, llama-bpe"), std::string::npos) << problemOf(view);
    view = viewOf(text);
    view.kinds.pop_back();
    EXPECT_NE(problemOf(view).find("tokenizer.ggml.token_type has 1"), std::string::npos) << problemOf(view);
    view = viewOf(text);
    view.kinds[7] = 9;
    EXPECT_NE(problemOf(view).find("tokenizer.ggml.token_type[7]"), std::string::npos) << problemOf(view);
    view = viewOf(text);
    view.tokens[9] = view.tokens[8];
    EXPECT_NE(problemOf(view).find("tokenizer.ggml.tokens[9] repeats"), std::string::npos) << problemOf(view);
    view = viewOf(text);
    view.tokens[9] = "\xff";
    EXPECT_NE(problemOf(view).find("tokenizer.ggml.tokens[9] is no UTF-8"), std::string::npos) << problemOf(view);
    view = viewOf(text);
    view.tokens[9] = "";
    EXPECT_NE(problemOf(view).find("tokenizer.ggml.tokens[9] is empty"), std::string::npos) << problemOf(view);
    view.tokens.clear();
    EXPECT_NE(problemOf(view).find("tokenizer.ggml.tokens has 0"), std::string::npos) << problemOf(view);
}

TEST(GgufTokenizer, addedTokensThatSwallowSpaces_areRefusedByName) {
    const auto text = ggufTokenizer(readTextFile(goldenPath("tokenizer.json"), 1 << 24).value());
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code(), ErrorCode::Unsupported);
    EXPECT_NE(text.error().what().find("strip, which GGUF cannot say"), std::string::npos) << text.error().what();
}

TEST(GgufTokenizer, emptyListOfNormalizers_isNone) {
    auto json = nlohmann::json::parse(smallJson());
    for (auto& token : json["added_tokens"])
        token["normalized"] = true; // counts only where something is normalised
    json["normalizer"] = {{"type", "Sequence"}, {"normalizers", nlohmann::json::array()}};
    EXPECT_TRUE(ggufTokenizer(json.dump()));
    json["normalizer"] = {{"type", "NFC"}};
    EXPECT_FALSE(ggufTokenizer(json.dump()));
}

TEST(GgufTokenizer, brokenMerges_areRefusedByTheOneReader) {
    const auto text = smallText();
    for (const auto* merge : {"nospace", "a b c", "no_such_token b"}) {
        auto view = viewOf(text);
        view.merges[3] = merge;
        const auto json = tokenizerJson(view);
        ASSERT_TRUE(json);
        const auto read = Tokenizer::parse(*json, "x.gguf");
        ASSERT_FALSE(read) << merge;
        EXPECT_NE(read.error().what().find("model.merges[3]"), std::string::npos) << read.error().what();
    }
}

TEST(GgufTokenizer, everyRule_isAPatternThatCompiles) {
    const auto text = smallText();
    for (const auto* pre : {"deepseek-v3", "joyai-llm", "llama-bpe", "deepseek-llm"}) {
        auto view = viewOf(text);
        view.pre = pre;
        const auto read = Tokenizer::parse(tokenizerJson(view).value(), "x.gguf");
        ASSERT_TRUE(read) << pre << ": " << read.error().what();
        EXPECT_EQ(read->decodeBytes(read->encode("Ab 12345, ça\n", Special::Never).value()), "Ab 12345, ça\n") << pre;
    }
}

} // namespace
} // namespace bathy::tokenizer
