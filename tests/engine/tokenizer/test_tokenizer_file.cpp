// Hostile and unknown tokenizer.json files: each refused with the code and the field.
#include "tests/engine/tokenizer/tokenizer_fixture.h"

#include <functional>

namespace bathy::tokenizer {
namespace {

using Json = nlohmann::json;

struct BadCase {
    const char* name;
    std::function<void(Json&)> damage;
    ErrorCode code;
    const char* says;
};

const std::vector<BadCase>& badCases() {
    static const std::vector<BadCase> kCases = {
        {"noModel", [](Json& j) { j.erase("model"); }, ErrorCode::BadFile, "model is no object"},
        {"wordPiece", [](Json& j) { j["model"]["type"] = "WordPiece"; }, ErrorCode::Unsupported, "WordPiece"},
        {"byteFallback", [](Json& j) { j["model"]["byte_fallback"] = true; }, ErrorCode::Unsupported, "byte_fallback"},
        {"suffix", [](Json& j) { j["model"]["end_of_word_suffix"] = "</w>"; }, ErrorCode::Unsupported,
         "end_of_word_suffix"},
        {"dropout", [](Json& j) { j["model"]["dropout"] = 0.1; }, ErrorCode::Unsupported, "dropout"},
        {"vocabList", [](Json& j) { j["model"]["vocab"] = Json::array(); }, ErrorCode::BadFile, "model.vocab"},
        {"vocabEmpty", [](Json& j) { j["model"]["vocab"] = Json::object(); }, ErrorCode::BadFile, "model.vocab"},
        {"idText", [](Json& j) { j["model"]["vocab"]["the"] = "7"; }, ErrorCode::BadFile, "is no integer"},
        {"idFraction", [](Json& j) { j["model"]["vocab"]["the"] = 7.5; }, ErrorCode::BadFile, "is no integer"},
        {"idNegative", [](Json& j) { j["model"]["vocab"]["the"] = -1; }, ErrorCode::BadFile, "outside"},
        {"idHuge", [](Json& j) { j["model"]["vocab"]["the"] = 4'000'000'000'000ULL; }, ErrorCode::BadFile, "outside"},
        {"idRepeated", [](Json& j) { j["model"]["vocab"]["the"] = 300; }, ErrorCode::BadFile, "repeats id 300"},
        {"keyEmpty", [](Json& j) { j["model"]["vocab"][""] = 9000; }, ErrorCode::BadFile, "key of 0 bytes"},
        {"keyLong", [](Json& j) { j["model"]["vocab"][std::string(5000, 'q')] = 9000; }, ErrorCode::BadFile,
         "5000 bytes"},
        {"byteMissing", [](Json& j) { j["model"]["vocab"].erase("!"); }, ErrorCode::BadFile, "no token for byte 33"},
        {"mergesMissing", [](Json& j) { j["model"].erase("merges"); }, ErrorCode::BadFile, "model.merges"},
        {"mergeUnknown",
         [](Json& j) {
             j["model"]["merges"][3] = {"qqq", "zzz"};
         },
         ErrorCode::BadFile, "model.merges[3] names \"qqq\""},
        {"mergeResult",
         [](Json& j) {
             j["model"]["merges"][3] = {"!", "!"};
         },
         ErrorCode::BadFile, "names \"!!\""},
        {"mergeShape", [](Json& j) { j["model"]["merges"][3] = {"a"}; }, ErrorCode::BadFile, "model.merges[3]"},
        {"mergeText", [](Json& j) { j["model"]["merges"][3] = "a b c"; }, ErrorCode::BadFile, "one space"},
        {"addedList", [](Json& j) { j["added_tokens"] = 5; }, ErrorCode::BadFile, "added_tokens is no list"},
        {"addedNoId", [](Json& j) { j["added_tokens"][0].erase("id"); }, ErrorCode::BadFile, "added_tokens[0].id"},
        {"addedEmpty", [](Json& j) { j["added_tokens"][0]["content"] = ""; }, ErrorCode::BadFile,
         "added_tokens[0].content"},
        {"addedFlag", [](Json& j) { j["added_tokens"][0]["special"] = 1; }, ErrorCode::BadFile,
         "added_tokens[0].special"},
        {"addedSingle", [](Json& j) { j["added_tokens"][4]["single_word"] = true; }, ErrorCode::Unsupported,
         "single_word"},
        {"addedTwice", [](Json& j) { j["added_tokens"][5]["content"] = j["added_tokens"][4]["content"]; },
         ErrorCode::BadFile, "repeats"},
        {"addedIdTwice", [](Json& j) { j["added_tokens"][5]["id"] = j["added_tokens"][4]["id"]; }, ErrorCode::BadFile,
         "repeats id"},
        {"addedOverBase", [](Json& j) { j["added_tokens"][5]["id"] = 700; }, ErrorCode::BadFile, "repeats id 700"},
        {"addedOtherId", [](Json& j) { j["added_tokens"][0]["id"] = 4000; }, ErrorCode::BadFile, "gives"},
        {"addedByte",
         [](Json& j) {
             j["added_tokens"][5] = {{"id", j["model"]["vocab"]["a"]}, {"content", "a"}};
         },
         ErrorCode::Unsupported, "single byte"},
        {"normalizer",
         [](Json& j) {
             j["normalizer"] = {{"type", "NFKC"}};
         },
         ErrorCode::Unsupported, "NFKC"},
        {"normalizers",
         [](Json& j) {
             j["normalizer"] = {{"type", "Sequence"}, {"normalizers", {{{"type", "Lowercase"}}}}};
         },
         ErrorCode::Unsupported, "Lowercase"},
        {"preNone", [](Json& j) { j["pre_tokenizer"] = nullptr; }, ErrorCode::Unsupported, "without ByteLevel"},
        {"preType",
         [](Json& j) {
             j["pre_tokenizer"]["pretokenizers"][0] = {{"type", "Metaspace"}};
         },
         ErrorCode::Unsupported, "Metaspace"},
        {"preList", [](Json& j) { j["pre_tokenizer"]["pretokenizers"] = 1; }, ErrorCode::BadFile, "pretokenizers"},
        {"preOrder",
         [](Json& j) {
             auto& parts = j["pre_tokenizer"]["pretokenizers"];
             std::swap(parts[2], parts[3]);
         },
         ErrorCode::BadFile, "must be the last"},
        {"prePrefix", [](Json& j) { j["pre_tokenizer"]["pretokenizers"][3]["add_prefix_space"] = true; },
         ErrorCode::Unsupported, "add_prefix_space"},
        {"preMany",
         [](Json& j) {
             for (int i = 0; i < 20; ++i)
                 j["pre_tokenizer"]["pretokenizers"].push_back(j["pre_tokenizer"]["pretokenizers"][0]);
         },
         ErrorCode::BadFile, "24 parts"},
        {"splitBehavior", [](Json& j) { j["pre_tokenizer"]["pretokenizers"][0]["behavior"] = "MergedWithNext"; },
         ErrorCode::Unsupported, "MergedWithNext"},
        {"splitPattern", [](Json& j) { j["pre_tokenizer"]["pretokenizers"][0]["pattern"] = 3; }, ErrorCode::BadFile,
         "pattern"},
        {"splitRegex", [](Json& j) { j["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "(a"; },
         ErrorCode::BadFile, "split 0"},
        {"splitDialect", [](Json& j) { j["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "\\w"; },
         ErrorCode::Unsupported, "escape \\w"},
        {"decoder",
         [](Json& j) {
             j["decoder"] = {{"type", "WordPiece"}};
         },
         ErrorCode::Unsupported, "decoder.type"},
        {"postProcessor",
         [](Json& j) {
             j["post_processor"] = {{"type", "BertProcessing"}};
         },
         ErrorCode::Unsupported, "BertProcessing"},
    };
    return kCases;
}

TEST(TokenizerFile, parse_damagedFiles_areRefusedWithCodeAndField) {
    const auto good = goldenJson("tokenizer.json");
    for (const auto& bad : badCases()) {
        SCOPED_TRACE(bad.name);
        auto json = good;
        bad.damage(json);
        const auto result = Tokenizer::parse(json.dump(), "t.json");
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code(), bad.code) << result.error().what();
        EXPECT_NE(result.error().what().find(bad.says), std::string::npos) << result.error().what();
        EXPECT_EQ(result.error().what().rfind("t.json: ", 0), 0U) << result.error().what();
    }
}

TEST(TokenizerFile, parse_noJson_isRefused) {
    for (const std::string text : {"", "{", "[]", "nonsense", "{\"model\":", "\xFF\xFE"})
        EXPECT_FALSE(Tokenizer::parse(text, "t.json")) << text;
    EXPECT_FALSE(Tokenizer::parse(std::string(100'000, '['), "t.json"));
}

TEST(TokenizerFile, parse_olderForms_giveTheSameIds) {
    auto json = goldenJson("tokenizer.json");
    for (auto& merge : json["model"]["merges"])
        merge = merge[0].get<std::string>() + " " + merge[1].get<std::string>();
    json["normalizer"] = {{"type", "Sequence"}, {"normalizers", Json::array()}};
    json["model"].erase("type");
    const auto older = Tokenizer::parse(json.dump(), "t.json");
    ASSERT_TRUE(older) << older.error().what();
    const std::string text = "The licence says: you may copy 1234 times.";
    EXPECT_EQ(*older->encode(text, Special::Parse), *smallTokenizer().encode(text, Special::Parse));
}

TEST(TokenizerFile, parse_sparseIds_leaveHoles) {
    auto json = goldenJson("tokenizer.json");
    json["added_tokens"].back()["id"] = 5000;
    const auto sparse = Tokenizer::parse(json.dump(), "t.json");
    ASSERT_TRUE(sparse) << sparse.error().what();
    EXPECT_EQ(sparse->vocabularySize(), 5001);
    EXPECT_FALSE(sparse->contains(TokenId{4000}));
    EXPECT_TRUE(sparse->contains(TokenId{5000}));
}

TEST(TokenizerFile, parse_mergesToAnAddedToken_areNeverTaken) {
    auto json = goldenJson("tokenizer.json");
    ASSERT_TRUE(json["model"]["vocab"].contains("the"));
    json["added_tokens"].push_back({{"id", json["model"]["vocab"]["the"]}, {"content", "the"}, {"special", true}});
    const auto tokenizer = Tokenizer::parse(json.dump(), "t.json");
    ASSERT_TRUE(tokenizer) << tokenizer.error().what();
    const auto marker = *tokenizer->findAdded("the");
    EXPECT_EQ(*tokenizer->encode("the", Special::Parse), std::vector<TokenId>{marker});
    const auto plain = *tokenizer->encode("the", Special::Never);
    EXPECT_EQ(std::count(plain.begin(), plain.end(), marker), 0);
    EXPECT_EQ(tokenizer->decodeBytes(plain), "the");
}

} // namespace
} // namespace bathy::tokenizer
