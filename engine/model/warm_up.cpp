#include "engine/model/warm_up.h"

#include <algorithm>
#include <chrono>

namespace bathy::model {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPage = 4096;
// Short enough for a stop within 300 ms from a disk of 30 MB/s.
constexpr std::size_t kPiece = std::size_t{4} << 20;
constexpr auto kProgressInterval = std::chrono::milliseconds(100);

void touchPages(std::span<const std::byte> bytes) {
    unsigned sum = 0;
    for (std::size_t i = 0; i < bytes.size(); i += kPage)
        sum += std::to_integer<unsigned>(bytes[i]);
    // The sum goes nowhere; volatile keeps the reads.
    [[maybe_unused]] volatile unsigned sink = sum;
}

} // namespace

Result<void> warmUp(std::span<const std::span<const std::byte>> ranges,
                    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress,
                    std::stop_token stop) {
    std::uint64_t total = 0;
    for (const auto& range : ranges)
        total += range.size();
    std::uint64_t done = 0;
    auto reported = Clock::now();
    for (const auto& range : ranges) {
        for (std::size_t begin = 0; begin < range.size(); begin += kPiece) {
            if (stop.stop_requested())
                return cancelled();
            const auto piece = range.subspan(begin, std::min(kPiece, range.size() - begin));
            touchPages(piece);
            done += piece.size();
            if (progress && Clock::now() - reported >= kProgressInterval) {
                reported = Clock::now();
                progress(done, total);
            }
        }
    }
    if (progress)
        progress(total, total);
    return {};
}

} // namespace bathy::model
