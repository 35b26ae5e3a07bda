#include "engine/evaluate/exam.h"
#include "engine/evaluate/exam_log.h"
#include "tests/support/scratch_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bathy::evaluate {
namespace {

using testing::HasSubstr;

api::GenerationFinished answering(const std::string& text, api::FinishReason reason = api::FinishReason::EndToken) {
    api::GenerationFinished finished;
    finished.reason = reason;
    finished.text = text;
    finished.promptTokens = 9;
    finished.generatedTokens = 3;
    return finished;
}

Item question(const std::string& id, const std::string& answer) {
    Item item;
    item.id = id;
    item.skill = "counting";
    item.messages = {{"user", "How many?", "", {}}};
    item.thinking = true;
    item.maxTokens = 40;
    item.answer = answer;
    item.match = Match::Number;
    return item;
}

TEST(Exam, Question_isAskedGreedilyWithItsLimits) {
    api::Generate seen;
    const Exam exam(
        [&](api::Generate command) {
            seen = std::move(command);
            return answering("There are 3.");
        },
        nullptr, nullptr);
    const auto result = exam.ask(question("q", "3"));
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->right);
    EXPECT_EQ(result->text, "There are 3.");
    EXPECT_EQ(result->promptTokens, 9);
    EXPECT_EQ(seen.sampling.temperature, 0);
    EXPECT_EQ(seen.sampling.maxTokens, 40);
    const auto& prompt = std::get<api::ChatPrompt>(seen.prompt);
    EXPECT_EQ(prompt.options.thinking, api::ThinkingMode::Thinking);
    EXPECT_EQ(prompt.messages.at(0).content, "How many?");
}

TEST(Exam, WrongStoppedAndFailed_areToldApart) {
    const auto asking = [](Result<api::GenerationFinished> answer) {
        return Exam([answer](const api::Generate&) { return answer; }, nullptr, nullptr).ask(question("q", "3"));
    };
    EXPECT_FALSE(asking(answering("4"))->right);
    EXPECT_TRUE(asking(answering("3", api::FinishReason::Cancelled)).error().isCancelled());
    const auto failed = asking(Error(ErrorCode::ContextFull, "the context is full"));
    EXPECT_EQ(failed.error().what(), "q: the context is full");
}

TEST(Exam, PasskeyWithoutHaystack_isRefused) {
    const Exam exam([](const api::Generate&) { return answering(""); }, nullptr, nullptr);
    EXPECT_THAT(exam.ask(passkeyItems({4096}, 1, 0)[0]).error().what(), HasSubstr("passkey-4096-0 is a pass-key"));
}

TEST(Exam, Passkey_isAskedAboutADocument) {
    const auto tokenizer = tokenizer::Tokenizer::load(std::string(BATHY_SOURCE_DIR) + "/resources/checkpoints/nano");
    ASSERT_TRUE(tokenizer);
    const auto haystack = Haystack::create("A door. A road.", "prose", *tokenizer);
    const auto item = passkeyItems({512}, 1, 0)[0];
    const auto expected = haystack->ask(*item.passkey, *tokenizer)->answer;
    const Exam exam(
        [&](const api::Generate& command) {
            EXPECT_THAT(std::get<api::ChatPrompt>(command.prompt).messages.at(0).content, HasSubstr(expected));
            return answering("It is " + expected + ".");
        },
        &*haystack, &*tokenizer);
    const auto result = exam.ask(item);
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->right);
    EXPECT_EQ(result->expected, expected);
}

TEST(PasskeyItems, Trials_areSpreadOverTenDepths) {
    const auto items = passkeyItems({4096, 16384}, 20, 0);
    ASSERT_EQ(items.size(), 40U);
    std::map<double, int> depths;
    for (const auto& item : items)
        ++depths[item.passkey->depth];
    EXPECT_EQ(depths.size(), 10U);
    EXPECT_EQ(items[25].skill, "passkey 16384");
    EXPECT_EQ(items[25].passkey->seed, 5U);
    EXPECT_EQ(passkeyItems({8192}, 1, 8)[0].skill, "multikey 8192");
}

TEST(ScoreOf, CountsAllAndEachSkill) {
    std::vector<ItemResult> results(3);
    results[0].skill = results[1].skill = "a";
    results[2].skill = "b";
    results[0].right = true;
    const auto score = scoreOf(results);
    EXPECT_EQ(score.all.items, 3);
    EXPECT_EQ(score.all.right, 1);
    EXPECT_EQ(score.skills.at("a").items, 2);
    EXPECT_EQ(score.skills.at("a").right, 1);
    EXPECT_EQ(score.skills.at("b").right, 0);
}

class ExamLogFile : public testing::Test {
protected:
    ItemResult result(const std::string& id) const {
        ItemResult made;
        made.id = id;
        made.skill = "s";
        made.right = true;
        made.expected = "4";
        made.text = "four\xFF \"4\"\n";
        made.finish = api::FinishReason::MaxTokens;
        made.promptTokens = 7;
        made.seconds = 0.25;
        return made;
    }
    std::filesystem::path folder() const { return m_scratch.path() / "run"; }
    std::filesystem::path items() const { return folder() / "items.jsonl"; }
    std::string problem(const std::string& settings, bool resume) const {
        const auto log = ExamLog::open(folder(), settings, resume);
        return log ? "" : log.error().what();
    }

    test::ScratchFolder m_scratch;
};

TEST_F(ExamLogFile, Resume_findsWhatWasWritten) {
    {
        auto log = ExamLog::open(folder(), R"({"suite":"basics"})", false);
        ASSERT_TRUE(log) << log.error().what();
        EXPECT_TRUE(log->add(result("one")));
        EXPECT_TRUE(log->add(result("two")));
    }
    auto log = ExamLog::open(folder(), R"({ "suite" : "basics" })", true);
    ASSERT_TRUE(log) << log.error().what();
    ASSERT_EQ(log->earlier().size(), 2U);
    EXPECT_EQ(log->earlier()[1].id, "two");
    EXPECT_TRUE(log->earlier()[1].right);
    EXPECT_EQ(log->earlier()[1].text, "four\uFFFD \"4\"\n");
    EXPECT_EQ(log->earlier()[1].finish, api::FinishReason::MaxTokens);
    EXPECT_EQ(log->earlier()[1].seconds, 0.25);
    EXPECT_TRUE(log->add(result("three")));
    EXPECT_EQ(ExamLog::open(folder(), R"({"suite":"basics"})", true)->earlier().size(), 3U);
}

TEST_F(ExamLogFile, CutOffLine_isRemoved) {
    EXPECT_TRUE(ExamLog::open(folder(), "{}", false)->add(result("one")));
    std::ofstream(items(), std::ios::app) << R"({"id":"tw)";
    {
        auto log = ExamLog::open(folder(), "{}", true);
        ASSERT_TRUE(log) << log.error().what();
        EXPECT_EQ(log->earlier().size(), 1U);
        EXPECT_TRUE(log->add(result("two")));
    }
    EXPECT_EQ(ExamLog::open(folder(), "{}", true)->earlier().size(), 2U);
}

TEST_F(ExamLogFile, OtherRuns_areNotMixed) {
    EXPECT_TRUE(ExamLog::open(folder(), R"({"suite":"basics"})", false)->add(result("one")));
    EXPECT_THAT(problem(R"({"suite":"basics"})", false), HasSubstr("holds the answers of an earlier run"));
    EXPECT_THAT(problem(R"({"suite":"passkey"})", true),
                HasSubstr("settings.json: the earlier run had other settings"));
    std::ofstream(items(), std::ios::app) << "{\"id\":3}\n";
    EXPECT_THAT(problem(R"({"suite":"basics"})", true), HasSubstr("items.jsonl, line 2"));
}

} // namespace
} // namespace bathy::evaluate
