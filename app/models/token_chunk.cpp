#include "app/models/token_chunk.h"

#include <algorithm>

namespace bathy::models {

const TokenAlternatives* TokenChunk::alternatives(int slot) const {
    const auto* row = token(slot);
    return row && row->alternatives >= 0 ? &m_alternatives[static_cast<std::size_t>(row->alternatives)] : nullptr;
}

std::span<const RoutedExpert> TokenChunk::routing(int slot, int layer) const {
    if (layer < 0 || layer >= m_layers)
        return {};
    const auto cell = static_cast<std::size_t>(slot) * m_layers + layer;
    return {m_routing.data() + cell * m_perToken, m_counts[cell]};
}

void TokenChunk::setToken(int slot, const telemetry::TokenEvent& event) {
    auto index = m_present[slot] ? m_rows[slot].alternatives : std::int16_t{-1};
    if (event.beforeCount > 0 || event.afterCount > 0) {
        if (index < 0) {
            index = static_cast<std::int16_t>(m_alternatives.size());
            m_alternatives.emplace_back();
        }
        auto& kept = m_alternatives[static_cast<std::size_t>(index)];
        kept.beforeCount = std::min<std::uint8_t>(event.beforeCount, telemetry::kMaxAlternatives);
        kept.afterCount = std::min<std::uint8_t>(event.afterCount, telemetry::kMaxAlternatives);
        kept.before = event.before;
        kept.after = event.after;
    } else {
        index = -1;
    }
    m_rows[slot] = {
        event.generation, event.token,  event.phase, event.rank,    event.probability, event.sampledProbability,
        event.entropy,    event.timeNs, event.guess, event.guessed, event.gainNs,      index};
    m_present[slot] = true;
}

void TokenChunk::makeRoom(int layers, int perToken) {
    if (layers <= m_layers && perToken <= m_perToken)
        return;
    const int newLayers = std::max(layers, m_layers);
    const int newPerToken = std::max(perToken, m_perToken);
    std::vector<RoutedExpert> routing(static_cast<std::size_t>(kChunkTokens) * newLayers * newPerToken);
    std::vector<std::uint8_t> counts(static_cast<std::size_t>(kChunkTokens) * newLayers);
    for (int slot = 0; slot < kChunkTokens; ++slot) {
        for (int layer = 0; layer < m_layers; ++layer) {
            const auto old = this->routing(slot, layer);
            const auto cell = static_cast<std::size_t>(slot) * newLayers + layer;
            std::copy(old.begin(), old.end(), routing.begin() + static_cast<std::ptrdiff_t>(cell * newPerToken));
            counts[cell] = static_cast<std::uint8_t>(old.size());
        }
    }
    m_routing = std::move(routing);
    m_counts = std::move(counts);
    m_layers = newLayers;
    m_perToken = newPerToken;
}

void TokenChunk::setRouting(int slot, int layer, std::span<const RoutedExpert> experts) {
    makeRoom(layer + 1, static_cast<int>(experts.size()));
    const auto cell = static_cast<std::size_t>(slot) * m_layers + layer;
    std::copy(experts.begin(), experts.end(), m_routing.begin() + static_cast<std::ptrdiff_t>(cell * m_perToken));
    m_counts[cell] = static_cast<std::uint8_t>(experts.size());
}

void TokenChunk::cut(int fromSlot) {
    for (int slot = fromSlot; slot < kChunkTokens; ++slot)
        m_present[slot] = false;
    if (!m_counts.empty())
        std::fill(m_counts.begin() + static_cast<std::ptrdiff_t>(fromSlot) * m_layers, m_counts.end(), std::uint8_t{0});
    // Alternatives are appended in the order of arrival: rebuilt, so that repeated cuts do not let them grow.
    std::vector<TokenAlternatives> kept;
    for (int slot = 0; slot < fromSlot; ++slot) {
        auto& row = m_rows[slot];
        if (!m_present[slot] || row.alternatives < 0)
            continue;
        kept.push_back(m_alternatives[static_cast<std::size_t>(row.alternatives)]);
        row.alternatives = static_cast<std::int16_t>(kept.size() - 1);
    }
    m_alternatives = std::move(kept);
}

void TokenChunk::dropRouting() {
    m_routing = {};
    m_counts = {};
    m_layers = 0;
    m_perToken = 0;
}

} // namespace bathy::models
