// bathy snapshot through the real program, with the checkpoint that ships.
#include "tests/engine/cli/run_bathy.h"
#include "tests/support/scratch_folder.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace bathy::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class CommandSnapshot : public testing::Test {
protected:
    CommandSnapshot() {
        std::string text;
        for (int i = 0; i < 60; ++i)
            text += "The ferry to the island leaves at " + std::to_string(i) + " past nine. ";
        m_document = m_folder.write("ferry.txt", text).string();
    }
    json run(std::vector<std::string> arguments, int exitCode = 0) {
        arguments.insert(arguments.begin(), "snapshot");
        arguments.insert(arguments.end(), {"--folder", store(), "--json", "--quiet"});
        m_ran = runBathy(arguments);
        EXPECT_EQ(m_ran.exitCode, exitCode) << m_ran.err;
        return json::parse(m_ran.out);
    }
    json save() { return run({"save", "bundled", "--document", m_document, "-p", "When?", "--name", "ferry"}); }
    std::string store() const { return (m_folder.path() / "store").string(); }

    const ScratchFolder m_folder;
    std::string m_document;
    Ran m_ran;
};

TEST_F(CommandSnapshot, saved_isListedReopenedVerifiedAndDeleted) {
    const auto saved = save()["snapshots"][0];
    const auto id = saved["id"].get<std::string>();
    EXPECT_GT(saved["tokens"], 300);
    const auto listed = run({"list"})["snapshots"];
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(listed[0]["id"], id);
    EXPECT_EQ(listed[0]["name"], "ferry");
    EXPECT_EQ(listed[0]["bytes"], saved["bytes"]);

    const auto question = std::vector<std::string>{"--document", m_document, "-p", "When?", "--temp", "0", "-n", "12"};
    std::vector<std::string> load{"load", "bundled", "ferry"};
    load.insert(load.end(), question.begin(), question.end());
    const auto answered = run(load);
    EXPECT_EQ(answered["reused_tokens"].get<int>(), answered["prompt_tokens"].get<int>() - 1)
        << "only the last token is fed again";
    std::vector<std::string> fresh{"run", "bundled", "--json", "-q"};
    fresh.insert(fresh.end(), question.begin(), question.end());
    EXPECT_EQ(answered["text"], json::parse(runBathy(fresh).out)["text"]);

    const auto verified = run({"verify", "bundled", id.substr(0, 5)});
    EXPECT_EQ(verified["snapshots"][0]["same"], true);
    EXPECT_EQ(run({"delete", id})["snapshots"].size(), 1u);
    EXPECT_TRUE(run({"list"})["snapshots"].empty());
}

TEST_F(CommandSnapshot, aQuestionToADocumentThatWasRead_readsOnlyTheQuestion) {
    run({"save", "bundled", "--document", m_document, "--name", "ferry"});
    const auto answered = run(
        {"load", "bundled", "ferry", "--document", m_document, "-p", "Which island is it?", "--temp", "0", "-n", "4"});
    EXPECT_GT(answered["reused_tokens"], 300);
    EXPECT_LT(answered["prompt_tokens"].get<int>() - answered["reused_tokens"].get<int>(), 40);
}

TEST_F(CommandSnapshot, ofAnotherCheckpoint_isRefusedWithBothNames) {
    save();
    const auto other = (m_folder.path() / "other").string();
    ASSERT_EQ(runBathy({"synth", "tiny-v4", other, "-q"}).exitCode, 0);
    const auto refused = run({"load", other, "ferry"}, 2);
    EXPECT_THAT(m_ran.err, HasSubstr("another checkpoint"));
    EXPECT_TRUE(refused.contains("error"));
}

TEST_F(CommandSnapshot, aDamagedBlock_isASentenceAndExitCode3) {
    save();
    for (const auto& block : std::filesystem::directory_iterator(m_folder.path() / "store" / "blocks")) {
        std::fstream file(block.path(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(100);
        file.put('\x55').put('\x56');
    }
    run({"load", "bundled", "ferry"}, 3);
    EXPECT_THAT(m_ran.err, HasSubstr("does not match its name"));
    EXPECT_THAT(m_ran.err, HasSubstr("read again from its text"));
}

TEST_F(CommandSnapshot, whatIsNotThere_isSaid) {
    run({"load", "bundled", "ferry"}, 3);
    EXPECT_THAT(m_ran.err, HasSubstr("no snapshot"));
}

} // namespace
} // namespace bathy::test
