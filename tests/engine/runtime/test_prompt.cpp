#include "engine/runtime/prompt.h"

#include "engine/runtime/text_stream.h"
#include "engine/tokenizer/chat_layouts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bathy::runtime {
namespace {

using testing::ElementsAre;

const tokenizer::Tokenizer& bundledTokenizer() {
    static const auto kTokenizer =
        tokenizer::Tokenizer::load(BATHY_SOURCE_DIR "/resources/checkpoints/nano/tokenizer.json").value();
    return kTokenizer;
}

std::vector<TokenId> encode(std::string_view text) {
    return bundledTokenizer().encode(text, tokenizer::Special::Parse).value();
}
// The same bytes, one token a byte where the vocabulary allows it: as a sampler might have put it.
std::vector<TokenId> spelled(std::string_view text) {
    std::vector<TokenId> tokens;
    for (const char c : text) {
        const auto one = encode(std::string_view(&c, 1));
        tokens.insert(tokens.end(), one.begin(), one.end());
    }
    return tokens;
}
std::vector<TokenId> operator+(std::vector<TokenId> a, const std::vector<TokenId>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

TEST(Prompt, HeldAnswer_isTakenOverTokenByToken) {
    const auto head = encode("<｜begin▁of▁sentence｜><｜User｜>hello<｜Assistant｜></think>");
    const auto answer = spelled("hello there");
    ASSERT_NE(answer, encode("hello there")) << "the test needs another spelling";
    const auto held = head + answer;
    const auto tail = encode("<｜end▁of▁sentence｜><｜User｜>more<｜Assistant｜></think>");
    EncodedPrompt prompt;
    prompt.tokens = head + encode("hello there") + tail;
    const auto headSize = static_cast<std::int64_t>(head.size());
    const auto endOfAnswer = headSize + std::ssize(encode("hello there")) + 1;
    prompt.messages = {{0, headSize}, {headSize, endOfAnswer}, {endOfAnswer, std::ssize(prompt.tokens)}};
    adoptHeldTokens(held, bundledTokenizer(), prompt);
    EXPECT_EQ(prompt.tokens, held + tail);
    EXPECT_EQ(commonPrefix(held, prompt.tokens), std::ssize(held));
    EXPECT_EQ(prompt.messages.back().end, std::ssize(prompt.tokens));
    EXPECT_EQ(prompt.messages[1].begin, headSize);
}

TEST(Prompt, EditedAnswer_keepsItsOwnTokens) {
    const auto head = encode("<｜begin▁of▁sentence｜><｜User｜>hello<｜Assistant｜></think>");
    const auto held = head + spelled("hello there");
    EncodedPrompt prompt;
    prompt.tokens = head + encode("hello where<｜end▁of▁sentence｜>");
    const auto before = prompt.tokens;
    adoptHeldTokens(held, bundledTokenizer(), prompt);
    EXPECT_EQ(prompt.tokens, before);
}

TEST(Prompt, CheckpointPositions_areInsideWhatIsNew) {
    EncodedPrompt prompt;
    prompt.tokens.resize(100);
    prompt.messages = {{0, 10}, {10, 30}, {30, 60}, {60, 80}, {80, 100}};
    EXPECT_THAT(checkpointPositions(prompt, 0), ElementsAre(30, 60, 80, 98));
    EXPECT_THAT(checkpointPositions(prompt, 60), ElementsAre(80, 98));
    EXPECT_THAT(checkpointPositions(prompt, 99), ElementsAre());
    prompt.messages.clear();
    prompt.tokens.resize(1);
    EXPECT_THAT(checkpointPositions(prompt, 0), ElementsAre());
}

TEST(Prompt, ThinkingChat_beginsInsideTheReasoning) {
    const auto format = tokenizer::chooseChatFormat(bundledTokenizer(), {});
    EXPECT_EQ(format.name, "deepseek_v4");
    const PromptEncoder encoder{&bundledTokenizer(), format, 1 << 20};
    api::ChatPrompt chat{{{"user", "hi", "", {}}}, {}};
    EXPECT_FALSE(encoder.encode(chat)->reasoning);
    chat.options.thinking = api::ThinkingMode::Thinking;
    EXPECT_TRUE(encoder.encode(chat)->reasoning);
    chat.messages[0].role = "nobody";
    EXPECT_EQ(encoder.encode(chat).error().code(), ErrorCode::BadArgument);
}

TEST(Prompt, ChatOfAModelWithoutAKnownFormat_isRefused_textIsNot) {
    tokenizer::ChatSources sources;
    sources.modelType = "llama";
    sources.source = "{% include 'other' %}";
    const auto format = tokenizer::chooseChatFormat(bundledTokenizer(), sources);
    const PromptEncoder encoder{&bundledTokenizer(), format, 1 << 20};
    const auto refused = encoder.encode(api::ChatPrompt{{{"user", "hi", "", {}}}, {}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::Unsupported);
    EXPECT_THAT(refused.error().what(), testing::HasSubstr("include"));
    EXPECT_TRUE(encoder.encode(api::TextPrompt{"hi", false}));
}

TEST(Prompt, TemplateThatOpensReasoning_isSeenAlsoBeforeALineBreak) {
    tokenizer::ChatSources sources;
    sources.modelType = "deepseek_v3";
    for (const auto& [end, reasons] :
         {std::pair("<think>\\n", true), {"<think>", true}, {"</think>", false}, {"", false}}) {
        sources.source = "{% for m in messages %}{{ '<｜User｜>' + m.content }}{% endfor %}{{ '<｜Assistant｜>" +
                         std::string(end) + "' }}";
        const auto format = tokenizer::chooseChatFormat(bundledTokenizer(), sources);
        EXPECT_EQ(format.name, "template");
        const PromptEncoder encoder{&bundledTokenizer(), format, 1 << 20};
        EXPECT_EQ(encoder.encode(api::ChatPrompt{{{"user", "hi <think>", "", {}}}, {}})->reasoning, reasons) << end;
    }
}

TEST(TextStream, Reasoning_endsAtItsToken) {
    TextStream stream(&bundledTokenizer(), true, {"thought"});
    std::string reasoning;
    std::string text;
    for (const auto token : encode("a thought</think>an answer"))
        for (const auto& delta : stream.feed(token))
            (delta.reasoning ? reasoning : text) += delta.text;
    for (const auto& delta : stream.finish())
        (delta.reasoning ? reasoning : text) += delta.text;
    EXPECT_EQ(reasoning, "a thought"); // stop strings are for the answer
    EXPECT_EQ(text, "an answer");
    EXPECT_EQ(stream.reasoningText(), reasoning);
    EXPECT_EQ(stream.text(), text);
}

TEST(TextStream, StopString_endsTheTextBeforeIt) {
    TextStream stream(&bundledTokenizer(), false, {"STOP"});
    for (const auto token : spelled("go on STOP never"))
        stream.feed(token);
    EXPECT_TRUE(stream.stopped());
    EXPECT_EQ(stream.text(), "go on ");
    EXPECT_TRUE(stream.finish().empty());
}

TEST(TextStream, PartOfAStopString_comesOutAtTheEnd) {
    TextStream stream(&bundledTokenizer(), false, {"STOP"});
    for (const auto token : spelled("go STO"))
        stream.feed(token);
    EXPECT_EQ(stream.text(), "go ");
    stream.finish();
    EXPECT_EQ(stream.text(), "go STO");
}

} // namespace
} // namespace bathy::runtime
