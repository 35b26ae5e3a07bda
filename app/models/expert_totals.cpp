#include "app/models/expert_totals.h"

#include <algorithm>
#include <cmath>

namespace bathy::models {

void ExpertTotals::makeRoom(int layers, int experts) {
    if (layers <= m_layers && experts <= m_experts)
        return;
    ExpertTotals grown;
    grown.m_layers = std::max(layers, m_layers);
    grown.m_experts = std::max(experts, m_experts);
    const auto cells = static_cast<std::size_t>(grown.m_layers) * static_cast<std::size_t>(grown.m_experts);
    grown.m_counts.resize(cells);
    grown.m_weights.resize(cells);
    grown.m_choices = m_choices;
    grown.m_choices.resize(static_cast<std::size_t>(grown.m_layers));
    for (int layer = 0; layer < m_layers; ++layer) {
        for (int expert = 0; expert < m_experts; ++expert) {
            grown.m_counts[grown.index(layer, expert)] = m_counts[index(layer, expert)];
            grown.m_weights[grown.index(layer, expert)] = m_weights[index(layer, expert)];
        }
    }
    *this = std::move(grown);
}

void ExpertTotals::add(int layer, int expert, float weight) {
    ++m_counts[index(layer, expert)];
    m_weights[index(layer, expert)] += weight;
    ++m_choices[static_cast<std::size_t>(layer)];
}

void ExpertTotals::remove(int layer, int expert, float weight) {
    const auto i = index(layer, expert);
    --m_counts[i];
    --m_choices[static_cast<std::size_t>(layer)];
    m_weights[i] = m_counts[i] == 0 ? 0 : m_weights[i] - weight; // nothing left: no rounding left either
}

std::uint64_t ExpertTotals::layerCount(int layer) const {
    return m_choices[static_cast<std::size_t>(layer)];
}

double ExpertTotals::meanWeight(int layer, int expert) const {
    const auto n = count(layer, expert);
    return n == 0 ? 0 : weightSum(layer, expert) / n;
}

double ExpertTotals::shareAgainstUniform(int layer, int expert) const {
    const auto all = layerCount(layer);
    return all == 0 ? 0 : static_cast<double>(count(layer, expert)) * m_experts / static_cast<double>(all);
}

LayerBalance ExpertTotals::balance(int layer) const {
    LayerBalance b;
    b.choices = layerCount(layer);
    if (b.choices == 0) {
        b.unused = m_experts;
        return b;
    }
    double entropy = 0;
    std::uint32_t most = 0;
    for (int expert = 0; expert < m_experts; ++expert) {
        const auto n = count(layer, expert);
        if (n == 0) {
            ++b.unused;
            continue;
        }
        const double share = static_cast<double>(n) / static_cast<double>(b.choices);
        entropy -= share * std::log(share);
        if (n > most) {
            most = n;
            b.busiest = expert;
            b.busiestShare = share;
        }
    }
    b.evenness = m_experts > 1 ? std::clamp(entropy / std::log(m_experts), 0.0, 1.0) : 1;
    return b;
}

} // namespace bathy::models
