// Keeps which compressed entries (or, with V3.2, tokens) the indexer chose for each query, for comparison with other
// implementations: hard choices between scores that differ by rounding alone are the one place where two right
// implementations part. Engine thread.
#pragma once

#include "engine/model/model.h"
#include "engine/model/model_card.h"

#include <cstdint>
#include <span>
#include <vector>

namespace bathy::cli {

class PickRecorder final : public model::ProbeSink {
public:
    explicit PickRecorder(const model::ModelCard& card);

    // Columns of a row: the sparse layers in order, each with as many places as the indexer may choose.
    std::int64_t columns() const { return static_cast<std::int64_t>(m_layers.size()) * m_places; }
    // For the positions [first, first + tokens): forgets what was kept before.
    void begin(std::int64_t first, std::int64_t tokens);
    // [tokens, columns]: entries ascending, -1 in places that are free; all of a layer's are where nothing had to be
    // chosen.
    std::span<const std::int32_t> rows() const { return m_rows; }

    bool wants(LayerId layer, Position position) override;
    void onProbe(const model::AttentionProbe& probe) override;

private:
    std::vector<LayerId> m_layers; // with an indexer
    std::int64_t m_places = 0;
    std::int64_t m_first = 0;
    std::vector<std::int32_t> m_rows;
};

} // namespace bathy::cli
