#include "engine/base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <vector>

namespace bathy {
namespace {

TEST(ThreadPool, parallelFor_coversEachItemOnce) {
    for (const int threads : {1, 2, 5}) {
        ThreadPool pool(threads);
        for (const std::size_t count : {0u, 1u, 2u, 7u, 1000u}) {
            std::vector<int> hits(count, 0);
            pool.parallelFor(count, 1, [&](std::size_t begin, std::size_t end, int worker) {
                ASSERT_GE(worker, 0);
                ASSERT_LT(worker, threads);
                for (auto i = begin; i < end; ++i)
                    ++hits[i];
            });
            EXPECT_EQ(std::accumulate(hits.begin(), hits.end(), 0u), count);
        }
    }
}

TEST(ThreadPool, parallelFor_nested_runsInline) {
    ThreadPool pool(2);
    std::atomic<int> total = 0;
    pool.parallelFor(4, 1, [&](std::size_t begin, std::size_t end, int) {
        for (auto i = begin; i < end; ++i)
            pool.parallelFor(3, 1, [&](std::size_t b, std::size_t e, int) { total += static_cast<int>(e - b); });
    });
    EXPECT_EQ(total, 12);
}

TEST(ThreadPool, parallelFor_manyRounds_neverLosesWork) {
    ThreadPool pool(3);
    std::atomic<std::uint64_t> sum = 0;
    for (int round = 0; round < 2000; ++round)
        pool.parallelFor(3, 1, [&](std::size_t begin, std::size_t end, int) { sum += end - begin; });
    EXPECT_EQ(sum, 6000u);
}

} // namespace
} // namespace bathy
