#include "engine/cli/read_bandwidth.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

namespace bathy::cli {

double measureReadBandwidth(ThreadPool& pool, const std::stop_token& stop) {
    using Clock = std::chrono::steady_clock;
    constexpr std::size_t kWords = (192U << 20U) / sizeof(std::uint64_t);
    const std::unique_ptr<std::uint64_t[]> words(new (std::nothrow) std::uint64_t[kWords]);
    if (!words)
        return 0;
    pool.parallelFor(kWords, 1U << 16U, [&](std::size_t begin, std::size_t end, int) {
        std::memset(words.get() + begin, 1, (end - begin) * sizeof(std::uint64_t));
    });
    std::atomic<std::uint64_t> sink = 0; // the sums must be used, or the reads would be left out
    double best = 0;
    for (int pass = 0; pass < 4 && !stop.stop_requested(); ++pass) {
        const auto began = Clock::now();
        pool.parallelFor(kWords, 1U << 16U, [&](std::size_t begin, std::size_t end, int) {
            std::uint64_t sums[8] = {};
            for (auto i = begin; i + 8 <= end; i += 8)
                for (std::size_t lane = 0; lane < 8; ++lane)
                    sums[lane] += words[i + lane];
            for (const auto sum : sums)
                sink += sum;
        });
        const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
        best = std::max(best, static_cast<double>(kWords * sizeof(std::uint64_t)) / seconds);
    }
    return best;
}

} // namespace bathy::cli
