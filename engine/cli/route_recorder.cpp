#include "engine/cli/route_recorder.h"

#include <algorithm>

namespace bathy::cli {

RouteRecorder::RouteRecorder(const model::ModelCard& card) : m_picks(card.expertsPerToken) {
    for (std::size_t i = 0; i < card.layers.size(); ++i)
        if (card.layers[i].router == model::RouterForm::Learned)
            m_layers.push_back(LayerId{static_cast<std::int32_t>(i)});
}

void RouteRecorder::begin(std::int64_t first, std::int64_t tokens) {
    m_first = first;
    m_rows.assign(static_cast<std::size_t>(tokens * columns()), -1);
}

void RouteRecorder::onRouting(LayerId layer, Position firstPosition, int picks, std::span<const std::int32_t> experts,
                              std::span<const float>) {
    const auto at = std::find(m_layers.begin(), m_layers.end(), layer);
    if (at == m_layers.end())
        return; // a table sends the tokens of this layer: nothing is chosen
    auto to = m_rows.begin() + (static_cast<std::int64_t>(firstPosition) - m_first) * columns() +
              (at - m_layers.begin()) * m_picks;
    for (auto from = experts.begin(); from != experts.end(); from += picks, to += columns())
        std::copy_n(from, std::min<std::int64_t>(picks, m_picks), to);
}

} // namespace bathy::cli
