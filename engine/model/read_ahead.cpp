#include "engine/model/read_ahead.h"

#include "engine/base/mapped_file.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace bathy::model {
namespace {

using Clock = std::chrono::steady_clock;

// Short enough for a stop within 300 ms from a disk of 30 MB/s.
constexpr std::uint64_t kPiece = std::uint64_t{4} << 20;
constexpr auto kProgressInterval = std::chrono::milliseconds(100);

} // namespace

Result<std::uint64_t> readWeights(std::span<const WeightRange> ranges, std::uint64_t budget,
                                  const std::function<void(std::uint64_t done, std::uint64_t total)>& progress,
                                  const std::stop_token& stop) {
    std::uint64_t total = 0;
    for (const auto& range : ranges)
        total += range.size();
    total = std::min(total, budget);
    std::uint64_t done = 0;
    auto reported = Clock::now();
    for (const auto& range : ranges) {
        for (std::uint64_t begin = 0; begin < range.size() && done < total; begin += kPiece) {
            if (stop.stop_requested())
                return cancelled();
            const auto length = std::min({kPiece, range.size() - begin, total - done});
            if (!readMapped(range.subspan(begin, length)))
                return done;
            done += length;
            if (progress && Clock::now() - reported >= kProgressInterval) {
                reported = Clock::now();
                progress(done, total);
            }
        }
    }
    if (progress)
        progress(total, total);
    return done;
}

ReadAhead::ReadAhead(std::shared_ptr<const checkpoint::Checkpoint> files, std::vector<WeightRange> ranges,
                     std::uint64_t budget)
    : m_thread([files = std::move(files), ranges = std::move(ranges), budget](const std::stop_token& stop) {
          static_cast<void>(readWeights(ranges, budget, {}, stop));
      }) {}

} // namespace bathy::model
