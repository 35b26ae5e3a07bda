// Sessions kept on disk and brought back through the engine's commands.
#include "tests/engine/runtime/loop_fixture.h"
#include "tests/support/scratch_folder.h"

#include <filesystem>
#include <gmock/gmock.h>

namespace bathy::runtime {
namespace {

using testing::HasSubstr;

class SessionSnapshots : public LoopFixture {
protected:
    std::string folder() const { return (m_folder.path() / "snapshots").string(); }
    void answer(std::uint64_t id, std::vector<TokenId> prompt, SessionId session = SessionId{1}) {
        m_loop->post(greedy(id, std::move(prompt), 3, session));
        m_finished = until<api::GenerationFinished>();
    }
    api::SnapshotSaved save(SessionId session = SessionId{1}) {
        m_loop->post(api::SaveSnapshot{api::RequestId{50}, session, folder(), "a name"});
        return until<api::SnapshotSaved>();
    }
    ErrorCode refusal(api::Command command) {
        m_loop->post(std::move(command));
        m_failed = until<api::Failed>();
        return m_failed.error.code();
    }

    test::ScratchFolder m_folder;
    api::GenerationFinished m_finished;
    api::Failed m_failed;
    const std::vector<TokenId> m_prompt{TokenId{5}, TokenId{6}, TokenId{7}, TokenId{8}};
};

TEST_F(SessionSnapshots, aRestoredSession_goesOnAndReadsNothingAgain) {
    start({});
    answer(1, m_prompt);
    const auto saved = save();
    EXPECT_EQ(saved.tokens, 6) << "the newest token was not read yet";
    EXPECT_EQ(saved.session, SessionId{1});
    m_loop->post(api::RestoreSession{api::RequestId{51}, SessionId{2}, {}, saved.file});
    const auto restored = until<api::SessionRestored>();
    EXPECT_EQ(restored.tokens, saved.tokens);
    ASSERT_EQ(restored.held.size(), 6U);
    EXPECT_TRUE(std::equal(m_prompt.begin(), m_prompt.end(), restored.held.begin()));
    EXPECT_EQ(restored.bytes, saved.bytes);
    auto longer = m_prompt;
    longer.insert(longer.end(), m_finished.tokens.begin(), m_finished.tokens.end());
    const auto expectedTokens = expected(longer, 3);
    answer(2, longer, SessionId{2});
    EXPECT_EQ(m_finished.tokens, expectedTokens);
    EXPECT_EQ(m_finished.reusedTokens, 6);
    EXPECT_EQ(m_finished.promptTokens, 7);
}

TEST_F(SessionSnapshots, bansComeWithTheSnapshot) {
    start({});
    auto command = greedy(1, m_prompt, 3);
    command.bannedExperts = {{LayerId{1}, ExpertId{2}}};
    m_loop->post(command);
    until<api::GenerationFinished>();
    const auto saved = save();
    m_loop->post(api::RestoreSession{api::RequestId{51}, SessionId{2}, {}, saved.file});
    until<api::SessionRestored>();
    auto again = greedy(2, m_prompt, 3, SessionId{2});
    again.bannedExperts = command.bannedExperts;
    m_loop->post(again);
    EXPECT_EQ(until<api::GenerationFinished>().reusedTokens, 3);
    answer(3, m_prompt, SessionId{2});
    EXPECT_EQ(m_finished.reusedTokens, 0) << "without the ban it is another computation";
}

TEST_F(SessionSnapshots, verified_isTheSameBitForBit) {
    start({});
    answer(1, m_prompt);
    const auto saved = save();
    m_loop->post(api::VerifySnapshot{api::RequestId{52}, saved.file});
    const auto verified = until<api::SnapshotVerified>();
    EXPECT_TRUE(verified.same);
    EXPECT_EQ(verified.largestDifference, 0);
    EXPECT_EQ(verified.tokens, saved.tokens);
}

TEST_F(SessionSnapshots, whatCannotBeKeptOrBroughtBack_isRefusedWithTheReason) {
    start({});
    EXPECT_EQ(refusal(api::SaveSnapshot{api::RequestId{60}, SessionId{1}, folder(), ""}), ErrorCode::BadArgument);
    EXPECT_EQ(refusal(api::SaveSnapshot{api::RequestId{61}, SessionId{9}, folder(), ""}), ErrorCode::BadArgument);
    answer(1, m_prompt);
    const auto saved = save();
    EXPECT_EQ(refusal(api::RestoreSession{api::RequestId{62}, SessionId{1}, {}, saved.file}), ErrorCode::BadArgument)
        << "the id is taken";
    EXPECT_EQ(refusal(api::RestoreSession{api::RequestId{63}, SessionId{2}, {}, saved.file + "x"}),
              ErrorCode::NotFound);
    std::filesystem::resize_file(saved.file, 60);
    EXPECT_EQ(refusal(api::VerifySnapshot{api::RequestId{65}, saved.file}), ErrorCode::BadFile);
    EXPECT_THAT(m_failed.error.what(), HasSubstr(saved.file));
}

TEST_F(SessionSnapshots, areListedAndDeletedOnRequest) {
    start({});
    m_loop->post(api::ListSnapshots{api::RequestId{70}, folder()});
    EXPECT_TRUE(until<api::SnapshotList>().snapshots.empty());
    answer(1, m_prompt);
    const auto saved = save();
    m_loop->post(api::ListSnapshots{api::RequestId{71}, folder()});
    const auto list = until<api::SnapshotList>();
    EXPECT_EQ(list.request, api::RequestId{71});
    ASSERT_EQ(list.snapshots.size(), 1U);
    EXPECT_EQ(list.snapshots[0].id, saved.id);
    EXPECT_EQ(list.snapshots[0].file, saved.file);
    EXPECT_EQ(list.snapshots[0].name, "a name");
    EXPECT_EQ(list.snapshots[0].tokens, saved.tokens);
    EXPECT_EQ(list.snapshots[0].bytes, saved.bytes);
    EXPECT_EQ(list.snapshots[0].problem, "");
    EXPECT_EQ(list.bytes, saved.bytes);
    m_loop->post(api::DeleteSnapshots{api::RequestId{72}, folder(), {"ffffffffffffffff", saved.id}, 0});
    const auto deleted = until<api::SnapshotsDeleted>();
    EXPECT_EQ(deleted.ids, std::vector<std::string>{saved.id});
    EXPECT_EQ(deleted.bytes, 0U);
    EXPECT_EQ(refusal(api::RestoreSession{api::RequestId{73}, SessionId{2}, {}, saved.file}), ErrorCode::NotFound);
}

TEST_F(SessionSnapshots, ofASessionThatAnswers_isRefused) {
    test::FakeModelOptions slow;
    slow.perToken = std::chrono::milliseconds(5);
    start(slow);
    m_loop->post(greedy(1, m_prompt, 1000));
    until<api::GenerationStarted>();
    EXPECT_EQ(refusal(api::SaveSnapshot{api::RequestId{60}, SessionId{1}, folder(), ""}), ErrorCode::Busy);
    m_loop->post(api::Cancel{api::RequestId{61}, api::RequestId{101}});
    until<api::GenerationFinished>();
}

} // namespace
} // namespace bathy::runtime
