#include "engine/cli/chat_file.h"

#include <gtest/gtest.h>

namespace bathy::cli {
namespace {

TEST(ChatFile, parse_everyField_isRead) {
    const auto messages = parseChat(R"({"messages": [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "q", "documents": ["d1", "d2"], "task": "query"},
        {"role": "assistant", "content": null, "reasoning_content": "r", "wo_eos": true, "tool_calls": []}]})",
                                    "c.json");
    ASSERT_TRUE(messages) << messages.error().what();
    ASSERT_EQ(messages->size(), 3U);
    EXPECT_EQ((*messages)[0].role, tokenizer::Role::System);
    EXPECT_EQ((*messages)[1].documents, (std::vector<std::string>{"d1", "d2"}));
    EXPECT_EQ((*messages)[1].task, tokenizer::Task::Query);
    EXPECT_EQ((*messages)[2].content, "");
    EXPECT_EQ((*messages)[2].reasoning, "r");
    EXPECT_TRUE((*messages)[2].withoutEnd);
}

TEST(ChatFile, parse_bareList_isReadToo) {
    EXPECT_EQ(parseChat(R"([{"role": "user", "content": "q"}])", "c.json")->size(), 1U);
    EXPECT_TRUE(parseChat("[]", "c.json")->empty());
}

TEST(ChatFile, parse_badFiles_nameMessageAndField) {
    const std::vector<std::pair<const char*, const char*>> cases = {
        {"nonsense", "c.json is no JSON"},
        {"{}", "holds no list"},
        {"[1]", "message 0 is no object"},
        {R"([{"content": "q"}])", "message 0.role"},
        {R"([{"role": "user"}, {"role": "king"}])", "message 1.role: unknown role \"king\""},
        {R"([{"role": "user", "content": 5}])", "message 0.content is no text"},
        {R"([{"role": "user", "content": [{"type": "text"}]}])", "message 0.content is no text"},
        {R"([{"role": "user", "task": "dance"}])", "message 0.task"},
        {R"([{"role": "user", "documents": "d"}])", "message 0.documents is no list"},
        {R"([{"role": "user", "documents": [1]}])", "message 0.documents holds"},
        {R"([{"role": "assistant", "wo_eos": 1}])", "message 0.wo_eos"},
    };
    for (const auto& [json, says] : cases) {
        const auto result = parseChat(json, "c.json");
        ASSERT_FALSE(result) << json;
        EXPECT_EQ(result.error().code(), ErrorCode::BadFile) << json;
        EXPECT_NE(result.error().what().find(says), std::string::npos) << result.error().what();
    }
    const auto tools = parseChat(R"([{"role": "assistant", "tool_calls": [{}]}])", "c.json");
    ASSERT_FALSE(tools);
    EXPECT_EQ(tools.error().code(), ErrorCode::Unsupported);
}

} // namespace
} // namespace bathy::cli
