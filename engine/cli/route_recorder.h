// Keeps which experts each token was sent to by a learned router: with the indexer's, the other hard choice of the
// model, and so the other place where two right implementations part. Engine thread.
#pragma once

#include "engine/model/model.h"
#include "engine/model/model_card.h"

#include <cstdint>
#include <span>
#include <vector>

namespace bathy::cli {

class RouteRecorder final : public model::RoutingSink {
public:
    explicit RouteRecorder(const model::ModelCard& card);

    // Columns of a row: the layers with a learned router in order, each with the experts of a token, strongest first.
    std::int64_t columns() const { return static_cast<std::int64_t>(m_layers.size()) * m_picks; }
    // For the positions [first, first + tokens): forgets what was kept before.
    void begin(std::int64_t first, std::int64_t tokens);
    // [tokens, columns]; -1 in places that a ban left empty.
    std::span<const std::int32_t> rows() const { return m_rows; }

    void onRouting(LayerId layer, Position firstPosition, int picks, std::span<const std::int32_t> experts,
                   std::span<const float> weights) override;

private:
    std::vector<LayerId> m_layers;
    std::int64_t m_picks = 0;
    std::int64_t m_first = 0;
    std::vector<std::int32_t> m_rows;
};

} // namespace bathy::cli
