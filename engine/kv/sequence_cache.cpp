#include "engine/kv/sequence_cache.h"

#include <algorithm>
#include <limits>
#include <new>

namespace bathy::kv {
namespace {

std::uint64_t copyBytes(const std::vector<RingCopy>& state) {
    std::uint64_t bytes = 0;
    for (const auto& ring : state)
        bytes += ring.rows.size();
    return bytes;
}

void countLayer(const LayerCache& layer, std::int64_t length, telemetry::KvEvent& event) {
    const auto& spec = layer.spec;
    const auto bytes = [](std::int64_t rows, std::int64_t rowBytes) {
        return static_cast<std::uint64_t>(rows * rowBytes);
    };
    using telemetry::KvPart;
    for (const auto* ring : layer.rings())
        event.reservedBytes += ring->bytes();
    event.reservedBytes += layer.entries.bytes() + layer.indexKeys.bytes();
    if (spec.draft()) {
        auto& draft = event.bytes[KvPart::Draft];
        draft += bytes(std::min(layer.window.count(), spec.windowTokens), spec.rowBytes);
        draft += bytes(std::min<std::int64_t>(layer.state.count(), 1), spec.streamBytes);
        return;
    }
    event.bytes[KvPart::Window] += bytes(std::min(length, spec.windowTokens), spec.rowBytes);
    const auto entryBytes = bytes(spec.entryCount(length), spec.rowBytes);
    event.bytes[spec.entries == EntryKind::CompressedSparse ? KvPart::SparseEntries : KvPart::HeavyEntries] +=
        entryBytes;
    event.bytes[KvPart::IndexKeys] += bytes(spec.entryCount(length), spec.indexKeyBytes);
    event.bytes[KvPart::CompressorState] +=
        bytes(std::min(length, spec.stateTokens()), spec.stateRowBytes + spec.indexStateBytes);
}

} // namespace

Result<SequenceCache> SequenceCache::create(std::span<const LayerCacheSpec> layers, const Options& options) {
    SequenceCache cache;
    cache.m_options = options;
    for (const auto& spec : layers) {
        BATHY_TRY(auto layer, LayerCache::create(spec, options.maxTokens, options.slack));
        cache.m_layers.push_back(std::move(layer));
    }
    return cache;
}

Result<void> SequenceCache::beginStep(std::int64_t tokens) {
    for (auto& layer : m_layers)
        BATHY_CHECK(layer.reserve(m_length + tokens));
    m_stepTokens = tokens;
    // A short step overwrites only rows that nothing needs even after it is undone.
    if (tokens > m_options.slack)
        m_undo = saveRings(m_length);
    return {};
}

std::uint64_t SequenceCache::stepBytes(std::int64_t tokens) const {
    std::uint64_t bytes = 0;
    for (const auto& layer : m_layers) {
        const auto entries = layer.spec.entryCount(m_length + tokens);
        bytes += layer.entries.growth(entries) + layer.indexKeys.growth(entries);
        if (tokens > m_options.slack)
            for (const auto* ring : layer.rings())
                bytes += ring->bytes();
    }
    return bytes;
}

void SequenceCache::commitStep() {
    m_length += m_stepTokens;
    m_undo.reset();
}

void SequenceCache::undoStep() {
    if (m_undo)
        restoreRings(*m_undo);
    m_undo.reset();
    forgetGuesses(false);
}

bool SequenceCache::ringsReach(std::int64_t position) const {
    return std::all_of(m_layers.begin(), m_layers.end(),
                       [position](const LayerCache& layer) { return layer.reaches(position); });
}

std::optional<std::size_t> SequenceCache::checkpointBefore(std::int64_t position) const {
    const auto after = std::upper_bound(m_checkpointPositions.begin(), m_checkpointPositions.end(), position);
    if (after == m_checkpointPositions.begin())
        return std::nullopt;
    return static_cast<std::size_t>(after - m_checkpointPositions.begin()) - 1;
}

std::int64_t SequenceCache::reachable(std::int64_t position) const {
    const auto wanted = std::clamp<std::int64_t>(position, 0, m_length);
    if (ringsReach(wanted))
        return wanted;
    const auto checkpoint = checkpointBefore(wanted);
    return checkpoint ? m_checkpointPositions[*checkpoint] : 0;
}

std::int64_t SequenceCache::truncate(std::int64_t position) {
    const auto target = reachable(position);
    if (target == m_length) {
        forgetGuesses(false);
        return m_length;
    }
    if (target == 0) {
        for (auto& layer : m_layers)
            for (auto* ring : layer.rings())
                ring->clear();
    } else if (!ringsReach(target)) {
        restoreRings(m_checkpoints[*checkpointBefore(target)]);
    }
    setLength(target);
    return target;
}

void SequenceCache::setLength(std::int64_t length) {
    m_length = length;
    for (auto& layer : m_layers) {
        layer.entries.shrink(layer.spec.entryCount(length));
        layer.indexKeys.shrink(layer.spec.entryCount(length));
    }
    forgetGuesses(false);
    const auto kept = std::upper_bound(m_checkpointPositions.begin(), m_checkpointPositions.end(), length) -
                      m_checkpointPositions.begin();
    m_checkpointPositions.resize(static_cast<std::size_t>(kept));
    m_checkpoints.resize(static_cast<std::size_t>(kept));
}

SequenceCache::LightState SequenceCache::saveRings(std::int64_t position) const {
    LightState state;
    for (const auto& layer : m_layers)
        for (const auto* ring : layer.rings())
            state.push_back(ring->copyBefore(position));
    return state;
}

void SequenceCache::restoreRings(const LightState& state) {
    std::size_t next = 0;
    for (auto& layer : m_layers)
        for (auto* ring : layer.rings())
            ring->restore(state[next++]);
}

void SequenceCache::forgetGuesses(bool keepLast) {
    for (auto& layer : m_layers)
        layer.forgetDrafts(m_length, keepLast);
}

void SequenceCache::keepCheckpoint() {
    if (m_options.checkpointLimit == 0 || m_length == 0)
        return;
    if (!m_checkpointPositions.empty() && m_checkpointPositions.back() == m_length)
        return;
    try {
        auto rings = saveRings(m_length);
        m_checkpointPositions.reserve(m_checkpointPositions.size() + 1);
        m_checkpoints.push_back(std::move(rings));
        m_checkpointPositions.push_back(m_length);
    } catch (const std::bad_alloc&) {
        return; // a conversation without it is slower to edit, and still right
    }
    if (m_checkpointPositions.size() > static_cast<std::size_t>(m_options.checkpointLimit))
        dropCheapestCheckpoint();
}

// Losing a checkpoint costs the tokens between its neighbours; the newest is never the one to go, unless it is alone.
void SequenceCache::dropCheapestCheckpoint() {
    std::size_t cheapest = 0;
    auto cost = std::numeric_limits<std::int64_t>::max();
    for (std::size_t i = 0; i + 1 < m_checkpointPositions.size(); ++i) {
        const auto before = i == 0 ? 0 : m_checkpointPositions[i - 1];
        if (const auto gap = m_checkpointPositions[i + 1] - before; gap < cost) {
            cost = gap;
            cheapest = i;
        }
    }
    m_checkpointPositions.erase(m_checkpointPositions.begin() + static_cast<std::ptrdiff_t>(cheapest));
    m_checkpoints.erase(m_checkpoints.begin() + static_cast<std::ptrdiff_t>(cheapest));
}

Result<SequenceCache> SequenceCache::fork(std::int64_t position) const {
    const auto target = reachable(position);
    std::vector<LayerCacheSpec> specs;
    for (const auto& layer : m_layers)
        specs.push_back(layer.spec);
    BATHY_TRY(auto copy, create(specs, m_options));
    if (target == 0)
        return copy;
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const auto entries = m_layers[i].spec.entryCount(target);
        BATHY_CHECK(copy.m_layers[i].entries.copyFrom(m_layers[i].entries, entries));
        BATHY_CHECK(copy.m_layers[i].indexKeys.copyFrom(m_layers[i].indexKeys, entries));
    }
    copy.restoreRings(ringsReach(target) ? saveRings(target) : m_checkpoints[*checkpointBefore(target)]);
    copy.m_length = target;
    copy.forgetGuesses(false);
    return copy;
}

std::uint64_t SequenceCache::forkBytes(std::int64_t position) const {
    const auto target = reachable(position);
    std::uint64_t bytes = 0;
    for (const auto& layer : m_layers) {
        const auto entries = layer.spec.entryCount(target);
        bytes += static_cast<std::uint64_t>(entries * (layer.spec.rowBytes + layer.spec.indexKeyBytes));
        for (const auto* ring : layer.rings())
            bytes += 2 * ring->bytes(); // the ring, and the copy on the way into it
    }
    return bytes;
}

telemetry::KvEvent SequenceCache::memory() const {
    telemetry::KvEvent event;
    event.tokens = m_length;
    for (const auto& layer : m_layers)
        countLayer(layer, m_length, event);
    auto& checkpointBytes = event.bytes[telemetry::KvPart::Checkpoints];
    for (const auto& checkpoint : m_checkpoints)
        checkpointBytes += copyBytes(checkpoint);
    event.reservedBytes += checkpointBytes + (m_undo ? copyBytes(*m_undo) : 0);
    return event;
}

} // namespace bathy::kv
