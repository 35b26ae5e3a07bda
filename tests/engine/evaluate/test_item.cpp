#include "engine/evaluate/item.h"
#include "tests/support/scratch_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bathy::evaluate {
namespace {

using testing::HasSubstr;

const std::string kGood = R"({"id":"a-1","skill":"a","messages":[{"role":"user","content":"2 + 2"}],"thinking":true,)"
                          R"("max_tokens":32,"answer":"4","match":"number","note":"ignored"})";

std::string problem(std::string_view text) {
    const auto items = parseItems(text, "set.jsonl");
    EXPECT_FALSE(items) << text;
    EXPECT_EQ(items.error().code(), ErrorCode::BadFile);
    return items.error().what();
}

TEST(Item, Question_isRead) {
    const auto item = parseItem(kGood);
    ASSERT_TRUE(item) << item.error().what();
    EXPECT_EQ(item->id, "a-1");
    EXPECT_EQ(item->skill, "a");
    EXPECT_EQ(item->domain, "a");
    ASSERT_EQ(item->messages.size(), 1U);
    EXPECT_EQ(item->messages[0].content, "2 + 2");
    EXPECT_TRUE(item->thinking);
    EXPECT_EQ(item->maxTokens, 32);
    EXPECT_EQ(item->answer, "4");
    EXPECT_EQ(item->match, Match::Number);
    EXPECT_FALSE(item->passkey);
}

TEST(Item, Domain_canBeNamed) {
    auto text = kGood;
    EXPECT_EQ(parseItem(text.replace(1, 0, R"("domain":"sums",)"))->domain, "sums");
    EXPECT_THAT(problem(R"({"id":"p","skill":"s","domain":[]})"), HasSubstr("domain is no text"));
}

TEST(Item, Passkey_isReadWithDefaults) {
    const auto item =
        parseItem(R"({"id":"p","skill":"passkey","passkey":{"length":4096,"depth":0.35,"seed":17,"decoys":8}})");
    ASSERT_TRUE(item && item->passkey) << item.error().what();
    EXPECT_EQ(item->passkey->length, 4096);
    EXPECT_EQ(item->passkey->depth, 0.35);
    EXPECT_EQ(item->passkey->seed, 17U);
    EXPECT_EQ(item->passkey->decoys, 8);
    EXPECT_FALSE(item->thinking);
    EXPECT_EQ(item->match, Match::Contains);
    EXPECT_EQ(parseItem(R"({"id":"p","skill":"s","passkey":{"length":256,"depth":1,"seed":0}})")->passkey->decoys, 0);
}

TEST(Item, BlankLinesAndCarriageReturns_areNothing) {
    const auto items = parseItems("\n" + kGood + "\r\n  \n", "set.jsonl");
    ASSERT_TRUE(items);
    EXPECT_EQ(items->size(), 1U);
}

TEST(Item, Errors_nameFileLineAndField) {
    EXPECT_THAT(problem("\n{"), HasSubstr("set.jsonl, line 2: is no JSON"));
    EXPECT_THAT(problem("[1]"), HasSubstr("line 1: is no JSON object"));
    EXPECT_THAT(problem(kGood + "\n" + kGood), HasSubstr("line 2: id a-1 occurs twice"));
    EXPECT_THAT(problem(std::string(100'000, '[')), HasSubstr("is no JSON"));
    EXPECT_THAT(problem(kGood + kGood), HasSubstr("is no JSON"));
}

TEST(Item, WrongFields_areNamed) {
    const auto with = [](const std::string& from, const std::string& to) {
        auto text = kGood;
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return problem(text.replace(at, from.size(), to));
    };
    EXPECT_THAT(with("\"a-1\"", "7"), HasSubstr("id is no text"));
    EXPECT_THAT(with("\"a-1\"", "\"\""), HasSubstr("id must have 1 to 200 bytes"));
    EXPECT_THAT(with("\"skill\":\"a\",", ""), HasSubstr("skill is missing"));
    EXPECT_THAT(with("[{\"role\":\"user\",\"content\":\"2 + 2\"}]", "[]"), HasSubstr("messages"));
    EXPECT_THAT(with("{\"role\":\"user\",\"content\":\"2 + 2\"}", "3"), HasSubstr("messages"));
    EXPECT_THAT(with("user", "tool"), HasSubstr("role must be"));
    EXPECT_THAT(with("user", "assistant"), HasSubstr("last message"));
    EXPECT_THAT(with("\"2 + 2\"", "null"), HasSubstr("content is missing"));
    EXPECT_THAT(with("true", "1"), HasSubstr("thinking"));
    EXPECT_THAT(with("32", "0"), HasSubstr("max_tokens must be a whole number in 1..1048576"));
    EXPECT_THAT(with("32", "1e3"), HasSubstr("max_tokens"));
    EXPECT_THAT(with("32", "18446744073709551615"), HasSubstr("max_tokens"));
    EXPECT_THAT(with("\"4\"", "4"), HasSubstr("answer is no text"));
    EXPECT_THAT(with("\"4\"", "\"\""), HasSubstr("answer is empty"));
    EXPECT_THAT(with("\"4\"", "\"four\""), HasSubstr("match \"number\""));
    EXPECT_THAT(with("number", "like"), HasSubstr("match must be exact, contains, json or number"));
}

TEST(Item, WrongPasskeys_areNamed) {
    const auto with = [](const std::string& passkey) {
        return problem(R"({"id":"p","skill":"s","passkey":)" + passkey + "}");
    };
    EXPECT_THAT(with("3"), HasSubstr("passkey is no object"));
    EXPECT_THAT(with(R"({"depth":0.5,"seed":1})"), HasSubstr("length is missing"));
    EXPECT_THAT(with(R"({"length":255,"depth":0.5,"seed":1})"), HasSubstr("length must be a whole number in 256.."));
    EXPECT_THAT(with(R"({"length":4096,"depth":1.5,"seed":1})"), HasSubstr("depth"));
    EXPECT_THAT(with(R"({"length":4096,"depth":"deep","seed":1})"), HasSubstr("depth"));
    EXPECT_THAT(with(R"({"length":4096,"depth":0.5,"seed":-1})"), HasSubstr("seed"));
    EXPECT_THAT(with(R"({"length":4096,"depth":0.5,"seed":1,"decoys":16})"), HasSubstr("decoys"));
}

TEST(Item, Corpus_isRefusedWithItsFileUnlessGood) {
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(BATHY_SOURCE_DIR "/tests/fuzz/corpus/eval_items")) {
        const auto name = entry.path().filename().string();
        const auto items = readItems(entry.path());
        EXPECT_EQ(items.has_value(), name.starts_with("good_")) << name;
        if (!items) {
            EXPECT_EQ(items.error().code(), ErrorCode::BadFile) << name;
            EXPECT_THAT(items.error().what(), HasSubstr(name));
        }
        ++files;
    }
    EXPECT_GT(files, 50);
}

TEST(Item, Folder_givesAllItsFilesByName) {
    const test::ScratchFolder folder;
    const auto passkey = [](const std::string& id) {
        return R"({"id":")" + id + R"(","skill":"s","passkey":{"length":256,"depth":0,"seed":0}})";
    };
    EXPECT_EQ(readItems(folder.path()).error().code(), ErrorCode::NotFound);
    EXPECT_EQ(readItems(folder.path() / "none.jsonl").error().code(), ErrorCode::NotFound);
    folder.write("b.jsonl", passkey("second"));
    folder.write("a.jsonl", passkey("first"));
    folder.write("notes.txt", "no questions");
    const auto items = readItems(folder.path());
    ASSERT_TRUE(items) << items.error().what();
    ASSERT_EQ(items->size(), 2U);
    EXPECT_EQ((*items)[0].id, "first");
    folder.write("c.jsonl", passkey("first"));
    EXPECT_THAT(readItems(folder.path()).error().what(), HasSubstr("c.jsonl: id first occurs in an earlier file"));
    EXPECT_THAT(readItems(folder.write("d.jsonl", "\n")).error().what(), HasSubstr("holds no question"));
}

} // namespace
} // namespace bathy::evaluate
