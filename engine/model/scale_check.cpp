#include "engine/model/scale_check.h"

#include "engine/checkpoint/data_extents.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace bathy::model {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{4} << 20; // read between two looks at the stop token

constexpr std::string_view kScale = ".scale";
constexpr std::string_view kScaleInverse = "_scale_inv";

bool isScale(const checkpoint::TensorView& view) {
    return (view.name.ends_with(kScale) || view.name.ends_with(kScaleInverse)) &&
           (view.dtype == DType::F8E8M0 || view.dtype == DType::F32);
}

// "x.scale" -> "x.weight", "x.weight_scale_inv" -> "x.weight".
std::string weightName(std::string_view scale) {
    if (scale.ends_with(kScale))
        return std::string(scale.substr(0, scale.size() - kScale.size())) + ".weight";
    return std::string(scale.substr(0, scale.size() - kScaleInverse.size()));
}

// Index of the first bad value in whole elements of `bytes`, or -1.
std::ptrdiff_t firstBad(DType dtype, std::span<const std::byte> bytes) {
    if (dtype == DType::F8E8M0) {
        const void* found = bytes.empty() ? nullptr : std::memchr(bytes.data(), 0xFF, bytes.size());
        return found ? static_cast<const std::byte*>(found) - bytes.data() : -1;
    }
    for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
        float value = 0;
        std::memcpy(&value, bytes.data() + i, 4);
        if (!std::isfinite(value) || value <= 0)
            return static_cast<std::ptrdiff_t>(i / 4);
    }
    return -1;
}

class ScaleScan {
public:
    ScaleScan(const checkpoint::Checkpoint& checkpoint, ScaleScope scope,
              const std::function<void(std::uint64_t, std::uint64_t)>& progress, const std::stop_token& stop)
        : m_checkpoint(checkpoint), m_scope(scope), m_progress(progress), m_stop(stop) {}

    Result<void> run(SpecReport& report);

private:
    // F32 zeros in a hole are as bad as written zeros, so only E8M0 may skip holes; unless the weight is a hole as
    // well, as in files of headers alone, where there is nothing to spoil.
    std::vector<checkpoint::Extent> rangesToRead(const checkpoint::TensorView& view) const;
    std::vector<checkpoint::Extent> dataOf(const checkpoint::TensorView& view, std::uint64_t first) const;
    bool hasWeights(const checkpoint::TensorView& scale) const;
    bool inScope(const checkpoint::TensorView& view) const;
    Result<std::ptrdiff_t> scan(const checkpoint::TensorView& view);

    const checkpoint::Checkpoint& m_checkpoint;
    ScaleScope m_scope;
    const std::function<void(std::uint64_t, std::uint64_t)>& m_progress;
    const std::stop_token& m_stop;
    std::vector<std::vector<checkpoint::Extent>> m_extents; // by shard, relative to the first tensor's data
    std::vector<const std::byte*> m_shardData;
    std::uint64_t m_done = 0;
    std::uint64_t m_total = 0;
};

std::vector<checkpoint::Extent> ScaleScan::rangesToRead(const checkpoint::TensorView& view) const {
    auto ranges = dataOf(view, 0);
    if (view.dtype != DType::F8E8M0 && (!ranges.empty() || hasWeights(view)))
        return {{0, view.bytes.size()}};
    return ranges;
}

// By the last byte: the first may share a block of the disk with the header.
bool ScaleScan::hasWeights(const checkpoint::TensorView& scale) const {
    const auto weight = m_checkpoint.find(weightName(scale.name));
    return !weight || weight->bytes.empty() || !dataOf(*weight, weight->bytes.size() - 1).empty();
}

// What of the bytes from `first` on is no hole.
std::vector<checkpoint::Extent> ScaleScan::dataOf(const checkpoint::TensorView& view, std::uint64_t first) const {
    const auto start = static_cast<std::uint64_t>(view.bytes.data() - m_shardData[view.shard]) + first;
    const auto end = start + view.bytes.size() - first;
    std::vector<checkpoint::Extent> ranges;
    const auto& extents = m_extents[view.shard];
    auto extent = std::upper_bound(extents.begin(), extents.end(), start,
                                   [](std::uint64_t at, const auto& e) { return at < e.end; });
    for (; extent != extents.end() && extent->begin < end; ++extent)
        ranges.push_back({std::max(extent->begin, start) - start, std::min(extent->end, end) - start});
    return ranges;
}

bool ScaleScan::inScope(const checkpoint::TensorView& view) const {
    if (m_scope == ScaleScope::All)
        return true;
    const auto weight = m_checkpoint.find(weightName(view.name));
    return weight && weight->dtype == DType::F8E4M3;
}

Result<std::ptrdiff_t> ScaleScan::scan(const checkpoint::TensorView& view) {
    for (const auto& range : rangesToRead(view))
        for (auto at = range.begin; at < range.end; at += kChunkBytes) {
            if (m_stop.stop_requested())
                return cancelled();
            const auto length = std::min<std::uint64_t>(kChunkBytes, range.end - at);
            const auto bad = firstBad(view.dtype, view.bytes.subspan(at, length));
            if (bad >= 0)
                return bad + static_cast<std::ptrdiff_t>(at / (view.dtype == DType::F32 ? 4 : 1));
        }
    m_done += view.bytes.size();
    if (m_progress)
        m_progress(m_done, m_total);
    return std::ptrdiff_t{-1};
}

Result<void> ScaleScan::run(SpecReport& report) {
    std::vector<std::size_t> scales;
    m_shardData.assign(m_checkpoint.shards().size(), nullptr);
    for (std::size_t i = 0; i < m_checkpoint.tensorCount(); ++i) {
        const auto view = m_checkpoint.tensor(i);
        auto& first = m_shardData[view.shard];
        first = first ? std::min(first, view.bytes.data()) : view.bytes.data();
        if (isScale(view) && inScope(view)) {
            scales.push_back(i);
            m_total += view.bytes.size();
        }
    }
    for (const auto& shard : m_checkpoint.shards()) {
        auto extents = checkpoint::dataExtents(shard.path);
        for (auto& extent : extents) {
            extent.begin -= std::min(extent.begin, shard.headerBytes);
            extent.end -= std::min(extent.end, shard.headerBytes);
        }
        m_extents.push_back(std::move(extents));
    }
    for (const auto index : scales) {
        const auto view = m_checkpoint.tensor(index);
        BATHY_TRY(const auto bad, scan(view));
        if (bad < 0)
            continue;
        report.add(std::string(view.name) + ": element " + std::to_string(bad) +
                   (view.dtype == DType::F32 ? " is not a positive finite scale" : " is NaN"));
    }
    return {};
}

} // namespace

Result<void> checkScales(const checkpoint::Checkpoint& checkpoint, ScaleScope scope,
                         const std::function<void(std::uint64_t done, std::uint64_t total)>& progress,
                         const std::stop_token& stop, SpecReport& report) {
    return ScaleScan(checkpoint, scope, progress, stop).run(report);
}

} // namespace bathy::model
