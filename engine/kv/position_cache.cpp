#include "engine/kv/position_cache.h"

#include "engine/kv/image_error.h"

#include <algorithm>

namespace bathy::kv {

Result<PositionCache> PositionCache::create(std::span<const PositionLayerSpec> layers, const Options& options) {
    PositionCache cache;
    cache.m_options = options;
    for (const auto& spec : layers) {
        PositionLayer layer;
        BATHY_TRY(layer.rows, EntryRows::create(spec.rowBytes, options.maxTokens));
        if (spec.indexKeyBytes > 0) {
            BATHY_TRY(layer.indexKeys, EntryRows::create(spec.indexKeyBytes, options.maxTokens));
        }
        cache.m_layers.push_back(std::move(layer));
    }
    return cache;
}

Result<void> PositionCache::beginStep(std::int64_t tokens) {
    for (auto& layer : m_layers) {
        BATHY_CHECK(layer.rows.reserve(m_length + tokens));
        BATHY_CHECK(layer.indexKeys.reserve(m_length + tokens));
    }
    return {};
}

std::uint64_t PositionCache::stepBytes(std::int64_t tokens) const {
    std::uint64_t bytes = 0;
    for (const auto& layer : m_layers)
        bytes += layer.rows.growth(m_length + tokens) + layer.indexKeys.growth(m_length + tokens);
    return bytes;
}

std::int64_t PositionCache::truncate(std::int64_t position) {
    m_length = std::clamp<std::int64_t>(position, 0, m_length);
    for (auto& layer : m_layers) {
        layer.rows.shrink(m_length);
        layer.indexKeys.shrink(m_length);
    }
    return m_length;
}

Result<PositionCache> PositionCache::fork(std::int64_t position) const {
    const auto length = std::clamp<std::int64_t>(position, 0, m_length);
    std::vector<PositionLayerSpec> specs;
    for (const auto& layer : m_layers)
        specs.push_back({layer.rows.rowBytes(), layer.indexKeys.rowBytes()});
    BATHY_TRY(auto copy, create(specs, m_options));
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        BATHY_CHECK(copy.m_layers[i].rows.copyFrom(m_layers[i].rows, length));
        BATHY_CHECK(copy.m_layers[i].indexKeys.copyFrom(m_layers[i].indexKeys, length));
    }
    copy.m_length = length;
    return copy;
}

std::uint64_t PositionCache::forkBytes(std::int64_t position) const {
    const auto length = std::clamp<std::int64_t>(position, 0, m_length);
    std::uint64_t bytes = 0;
    for (const auto& layer : m_layers)
        bytes += static_cast<std::uint64_t>(length * (layer.rows.rowBytes() + layer.indexKeys.rowBytes()));
    return bytes;
}

std::uint64_t PositionCache::lastingBytes(std::int64_t begin, std::int64_t end) const {
    std::uint64_t bytes = 0;
    for (const auto& layer : m_layers)
        bytes += static_cast<std::uint64_t>((end - begin) * (layer.rows.rowBytes() + layer.indexKeys.rowBytes()));
    return bytes;
}

void PositionCache::copyLasting(std::int64_t begin, std::int64_t end, std::span<std::byte> out) const {
    auto* at = out.data();
    for (const auto& layer : m_layers) {
        at = layer.rows.copyTo(at, begin, end);
        at = layer.indexKeys.copyTo(at, begin, end);
    }
}

Result<void> PositionCache::restoreLasting(std::int64_t begin, std::int64_t end, std::span<const std::byte> bytes) {
    if (bytes.size() != lastingBytes(begin, end))
        return wrongSize(bytes.size(), lastingBytes(begin, end));
    const auto* at = bytes.data();
    for (auto& layer : m_layers) {
        BATHY_CHECK(layer.rows.reserve(end));
        BATHY_CHECK(layer.indexKeys.reserve(end));
        at = layer.rows.copyFrom(at, begin, end);
        at = layer.indexKeys.copyFrom(at, begin, end);
    }
    return {};
}

telemetry::KvEvent PositionCache::memory() const {
    telemetry::KvEvent event;
    event.tokens = m_length;
    for (const auto& layer : m_layers) {
        event.bytes[m_options.rowsAre] += static_cast<std::uint64_t>(m_length * layer.rows.rowBytes());
        event.bytes[telemetry::KvPart::IndexKeys] += static_cast<std::uint64_t>(m_length * layer.indexKeys.rowBytes());
        event.reservedBytes += layer.rows.bytes() + layer.indexKeys.bytes();
    }
    return event;
}

} // namespace bathy::kv
