// A process that is killed while it saves leaves every snapshot whole or not there. POSIX.
#include "engine/snapshot/store.h"
#include "tests/support/fake_model.h"
#include "tests/support/scratch_folder.h"

#include <csignal>
#include <gtest/gtest.h>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

namespace bathy::snapshot::test {
namespace {

constexpr int kKills = 40;

// Reads on and saves, on and on, beginning with a token of its own.
[[noreturn]] void saveForever(const std::filesystem::path& folder, int first) {
    bathy::test::FakeModelOptions endless;
    endless.contextLength = std::int64_t{1} << 30;
    bathy::test::FakeModel model(endless);
    const auto state = *model.createState({});
    const auto store = Store(folder, {128, std::chrono::minutes(10)});
    Content content;
    content.header.origin.checkpoint = "c";
    content.logits.assign(64, 1.0F);
    model::ForwardOptions options;
    options.logitsAt = model::LogitsAt::None;
    for (int i = first;; ++i) {
        const std::vector<TokenId> more(37, TokenId{i % 64});
        if (!model.forward(*state, more, options))
            ::_exit(1);
        content.tokens.insert(content.tokens.end(), more.begin(), more.end());
        if (!store.save(*state, content, {}))
            ::_exit(2);
    }
}

TEST(StoreKills, atRandomMoments_leaveNoBrokenSnapshot) {
    const bathy::test::ScratchFolder folder;
    std::mt19937 random(11);
    for (int i = 0; i < kKills; ++i) {
        const auto child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0)
            saveForever(folder.path(), i);
        ::usleep(2000 + random() % 20'000);
        ::kill(child, SIGKILL);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status)) << "the process that saves ended by itself, " << WEXITSTATUS(status);
    }
    const auto store = Store(folder.path(), {128, std::chrono::minutes(10)});
    bathy::test::FakeModelOptions endless;
    endless.contextLength = std::int64_t{1} << 30;
    bathy::test::FakeModel model(endless);
    const auto all = store.list();
    ASSERT_TRUE(all);
    EXPECT_FALSE(all->empty());
    for (const auto& listed : *all) {
        ASSERT_FALSE(listed.problem) << listed.problem->what();
        const auto restored = store.load(*SnapshotFile::open(listed.file), model, {}, {});
        ASSERT_TRUE(restored) << restored.error().what();
        ASSERT_EQ(static_cast<const bathy::test::FakeState&>(*restored->state).tokens, restored->content.tokens);
    }
}

} // namespace
} // namespace bathy::snapshot::test
