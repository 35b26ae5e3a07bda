// SequenceCache as bytes and back.
#include "engine/kv/image_error.h"
#include "engine/kv/sequence_cache.h"

#include <cstring>

namespace bathy::kv {
namespace {

// Before the rows of a ring: the positions [begin, end) that they belong to.
struct RingHead {
    std::int64_t begin = 0;
    std::int64_t end = 0;
};

template <class T>
void append(std::vector<std::byte>& out, const T& value) {
    const auto bytes = std::as_bytes(std::span(&value, 1));
    out.insert(out.end(), bytes.begin(), bytes.end());
}

void append(std::vector<std::byte>& out, const std::vector<RingCopy>& rings) {
    for (const auto& ring : rings) {
        append(out, RingHead{ring.begin, ring.end});
        out.insert(out.end(), ring.rows.begin(), ring.rows.end());
    }
}

template <class T>
Result<T> take(std::span<const std::byte>& bytes) {
    T value{};
    if (bytes.size() < sizeof value)
        return Error(ErrorCode::BadFile, "stored window rows end too early");
    std::memcpy(&value, bytes.data(), sizeof value);
    bytes = bytes.subspan(sizeof value);
    return value;
}

// Takes one ring off the front of `bytes`.
Result<RingCopy> takeRing(std::span<const std::byte>& bytes, const RowRing& ring, std::int64_t length) {
    BATHY_TRY(const auto head, take<RingHead>(bytes));
    if (head.begin < 0 || head.end < head.begin || head.end > length)
        return Error(ErrorCode::BadFile, "stored window rows are of positions " + std::to_string(head.begin) + " to " +
                                             std::to_string(head.end) + " of " + std::to_string(length));
    const auto rows = static_cast<std::uint64_t>(head.end - head.begin);
    const auto rowBytes = static_cast<std::uint64_t>(ring.rowBytes());
    if (rowBytes == 0 ? rows > 0 : rows > bytes.size() / rowBytes)
        return Error(ErrorCode::BadFile, "stored window rows end too early");
    const auto taken = static_cast<std::size_t>(rows * rowBytes);
    RingCopy copy{head.begin, head.end, {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(taken)}};
    bytes = bytes.subspan(taken);
    return copy;
}

} // namespace

std::uint64_t SequenceCache::lastingBytes(std::int64_t begin, std::int64_t end) const {
    std::uint64_t bytes = 0;
    for (const auto& layer : m_layers) {
        const auto entries = layer.spec.entryCount(end) - layer.spec.entryCount(begin);
        bytes += static_cast<std::uint64_t>(entries * (layer.entries.rowBytes() + layer.indexKeys.rowBytes()));
    }
    return bytes;
}

void SequenceCache::copyLasting(std::int64_t begin, std::int64_t end, std::span<std::byte> out) const {
    auto* at = out.data();
    for (const auto& layer : m_layers) {
        at = layer.entries.copyTo(at, layer.spec.entryCount(begin), layer.spec.entryCount(end));
        at = layer.indexKeys.copyTo(at, layer.spec.entryCount(begin), layer.spec.entryCount(end));
    }
}

std::vector<std::byte> SequenceCache::recentRows() const {
    std::vector<std::byte> out;
    append(out, saveRings(m_length));
    append(out, static_cast<std::int64_t>(m_checkpoints.size()));
    for (std::size_t i = 0; i < m_checkpoints.size(); ++i) {
        append(out, m_checkpointPositions[i]);
        append(out, m_checkpoints[i]);
    }
    return out;
}

Result<SequenceCache::LightState> SequenceCache::takeRings(std::span<const std::byte>& bytes,
                                                           std::int64_t length) const {
    LightState rings;
    for (const auto& layer : m_layers)
        for (const auto* ring : layer.rings()) {
            BATHY_TRY(auto copy, takeRing(bytes, *ring, length));
            rings.push_back(std::move(copy));
        }
    return rings;
}

// Leaves the rings as `rings` says, or empty where one could not go on from `position` with them.
Result<void> SequenceCache::tryRings(const LightState& rings, std::int64_t position) {
    restoreRings(rings);
    if (ringsReach(position))
        return {};
    for (auto& layer : m_layers)
        for (auto* ring : layer.rings())
            ring->clear();
    return Error(ErrorCode::BadFile,
                 "stored window rows are too few to go on from position " + std::to_string(position));
}

Result<void> SequenceCache::restoreLasting(std::int64_t begin, std::int64_t end, std::span<const std::byte> bytes) {
    if (bytes.size() != lastingBytes(begin, end))
        return wrongSize(bytes.size(), lastingBytes(begin, end));
    const auto* at = bytes.data();
    for (auto& layer : m_layers) {
        BATHY_CHECK(layer.reserve(end));
        at = layer.entries.copyFrom(at, layer.spec.entryCount(begin), layer.spec.entryCount(end));
        at = layer.indexKeys.copyFrom(at, layer.spec.entryCount(begin), layer.spec.entryCount(end));
    }
    return {};
}

Result<void> SequenceCache::restoreRecent(std::int64_t length, std::span<const std::byte> bytes) {
    for (auto& layer : m_layers)
        BATHY_CHECK(layer.reserve(length));
    BATHY_TRY(const auto rings, takeRings(bytes, length));
    BATHY_TRY(const auto count, take<std::int64_t>(bytes));
    if (count < 0)
        return Error(ErrorCode::BadFile, "a number of stored checkpoints below 0");
    std::vector<std::int64_t> positions;
    std::vector<LightState> checkpoints;
    for (std::int64_t i = 0; i < count; ++i) {
        BATHY_TRY(const auto position, take<std::int64_t>(bytes));
        if (position <= (positions.empty() ? 0 : positions.back()) || position > length)
            return Error(ErrorCode::BadFile, "a stored checkpoint is at position " + std::to_string(position) + " of " +
                                                 std::to_string(length));
        BATHY_TRY(auto checkpoint, takeRings(bytes, position));
        BATHY_CHECK(tryRings(checkpoint, position));
        positions.push_back(position);
        checkpoints.push_back(std::move(checkpoint));
    }
    if (!bytes.empty())
        return Error(ErrorCode::BadFile, "stored window rows go on behind the last checkpoint's");
    BATHY_CHECK(tryRings(rings, length));
    m_checkpointPositions = std::move(positions);
    m_checkpoints = std::move(checkpoints);
    while (m_checkpoints.size() > static_cast<std::size_t>(m_options.checkpointLimit))
        dropCheapestCheckpoint();
    setLength(length);
    return {};
}

} // namespace bathy::kv
