// What a loaded model does when the world around it gives way: a file that is cut off, memory that is not there.
#include "engine/base/system_memory.h"
#include "engine/model/read_ahead.h"
#include "tests/engine/model/model_fixture.h"

#include <filesystem>
#include <fstream>

#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>
#endif

namespace bathy::model::test {
namespace {

using bathy::test::readGoldenCase;

class Trouble : public testing::Test {
protected:
    Trouble() : golden(readGoldenCase("v4_tiny/t6")), loaded(golden.configJson, golden.rule) {}

    Result<void> feed(SequenceState& state, std::span<const TokenId> tokens) {
        ForwardOptions options;
        options.logitsAt = LogitsAt::None;
        return loaded.model().forward(state, tokens, options);
    }

    bathy::test::GoldenCase golden;
    LoadedCase loaded;
};

TEST_F(Trouble, A_file_cut_off_in_use_is_an_error_that_names_it) {
    const auto state = loaded.newState();
    ASSERT_TRUE(feed(*state, golden.tokens));
    const auto length = state->length();
    const auto file = loaded.folder() / "model.safetensors";
    const auto bytes = std::filesystem::file_size(file);
    std::filesystem::resize_file(file, bytes / 8);
    const auto first = feed(*state, golden.tokens);
    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().code(), ErrorCode::BadFile);
    EXPECT_NE(first.error().what().find("model.safetensors was cut off"), std::string::npos) << first.error().what();
    EXPECT_NE(first.error().what().find(std::to_string(bytes)), std::string::npos) << first.error().what();
    EXPECT_EQ(state->length(), length);
    const auto again = feed(*state, golden.tokens); // and stays one
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code(), ErrorCode::BadFile);
}

#ifdef __linux__

// As long as the object lives, this process gets no memory in pieces of a megabyte or more.
class NoLargeMemory {
public:
    NoLargeMemory() {
        getrlimit(RLIMIT_AS, &m_before);
        std::uint64_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        auto limit = m_before;
        limit.rlim_cur = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
        m_taken.reserve(1 << 16);
        setrlimit(RLIMIT_AS, &limit);
        // What the heap still has.
        while (auto* piece = new (std::nothrow) char[1 << 20])
            m_taken.emplace_back(piece);
    }
    ~NoLargeMemory() { setrlimit(RLIMIT_AS, &m_before); }

private:
    rlimit m_before{};
    std::vector<std::unique_ptr<char[]>> m_taken;
};

TEST_F(Trouble, A_step_without_memory_is_an_error_with_both_numbers) {
#ifdef BATHY_SANITIZED
    GTEST_SKIP() << "sanitizers need the address space for themselves";
#endif
    const auto state = loaded.newState();
    const auto tokens = bathy::test::ruleTokens(2000, 96);
    ASSERT_TRUE(feed(*state, std::span(tokens).first(3))); // all that is made once
    {
        const NoLargeMemory limit;
        const auto refused = feed(*state, tokens);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code(), ErrorCode::OutOfMemory);
        EXPECT_NE(refused.error().what().find("a step of 2000 tokens needs "), std::string::npos)
            << refused.error().what();
        EXPECT_NE(refused.error().what().find("available"), std::string::npos) << refused.error().what();
        EXPECT_EQ(state->length(), 3);
    }
    // With memory again the same step gives what it always gave.
    ASSERT_TRUE(feed(*state, tokens));
    const auto other = loaded.newState();
    ASSERT_TRUE(feed(*other, std::span(tokens).first(3)));
    ASSERT_TRUE(feed(*other, tokens));
    EXPECT_EQ(loaded.feed(*state, golden.tokens), loaded.feed(*other, golden.tokens));
}

TEST_F(Trouble, A_copy_or_checkpoint_without_memory_harms_nothing) {
#ifdef BATHY_SANITIZED
    GTEST_SKIP() << "sanitizers need the address space for themselves";
#endif
    const auto state = loaded.newState();
    ASSERT_TRUE(feed(*state, bathy::test::ruleTokens(2000, 96)));
    {
        const NoLargeMemory limit;
        const auto copy = state->fork(2000);
        ASSERT_FALSE(copy);
        EXPECT_EQ(copy.error().code(), ErrorCode::OutOfMemory);
        state->keepCheckpoint();
    }
    EXPECT_EQ(state->length(), 2000);
    EXPECT_TRUE(state->fork(2000));
    EXPECT_TRUE(feed(*state, golden.tokens));
}

TEST(RequireMemory, MoreThanThereIs_isRefusedBeforeItIsTaken) {
    EXPECT_TRUE(requireMemory("a step", 1 << 20));
    const auto refused = requireMemory("a step", std::uint64_t{1} << 50);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::OutOfMemory);
    EXPECT_EQ(refused.error().what().find("a step needs 1125899.9 GB of memory, "), 0U) << refused.error().what();
}

#endif

TEST_F(Trouble, Weights_are_read_as_far_as_memory_goes_and_until_stopped) {
    std::vector<std::byte> bytes(10'000'000);
    const WeightRange ranges[] = {std::span(bytes).first(6'000'000), std::span(bytes).subspan(6'000'000)};
    std::uint64_t last = 0;
    const auto progress = [&](std::uint64_t done, std::uint64_t total) {
        EXPECT_LE(done, total);
        last = done;
    };
    EXPECT_EQ(*readWeights(ranges, 100'000'000, progress, {}), 10'000'000U);
    EXPECT_EQ(last, 10'000'000U);
    EXPECT_EQ(*readWeights(ranges, 7'000'000, progress, {}), 7'000'000U);
    EXPECT_EQ(last, 7'000'000U);
    EXPECT_EQ(*readWeights(ranges, 0, progress, {}), 0U);
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = readWeights(ranges, 100'000'000, progress, stop.get_token());
    ASSERT_FALSE(stopped);
    EXPECT_TRUE(stopped.error().isCancelled());
}

TEST_F(Trouble, A_model_that_still_reads_ahead_works_and_ends_at_once) {
    ThreadPool pool(1);
    LoadOptions options;
    options.pool = &pool;
    options.warmUp = WarmUp::Read;
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    options.progress = [&](std::uint64_t d, std::uint64_t t) {
        done = d;
        total = t;
    };
    auto warm = loadModel(loaded.folder(), options);
    ASSERT_TRUE(warm) << warm.error().what();
    EXPECT_NE(warm->readAhead, nullptr);
    EXPECT_EQ(done, total);
    EXPECT_GT(total, 0U);
    EXPECT_LT(total, warm->model->weightBytes()); // experts and embedding are not waited for
    const auto state = std::move(*warm->model->createState({}));
    ForwardOptions forward;
    forward.logitsAt = LogitsAt::None;
    EXPECT_TRUE(warm->model->forward(*state, golden.tokens, forward));
}

} // namespace
} // namespace bathy::model::test
