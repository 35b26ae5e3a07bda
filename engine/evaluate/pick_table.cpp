#include "engine/evaluate/pick_table.h"

#include <algorithm>

namespace bathy::evaluate {
namespace {

constexpr std::size_t kPiece = 256;

// Copies the picks of the layers that are asked for into the rows of the present step.
class Collector final : public model::RoutingSink {
public:
    explicit Collector(PickTable& table) : m_table(table) {}

    void beginStep(std::span<const TokenId> tokens) {
        m_first = m_table.tokens.size();
        m_table.tokens.insert(m_table.tokens.end(), tokens.begin(), tokens.end());
        m_table.chosen.resize(m_table.tokens.size() * rowSize());
    }
    void onRouting(LayerId layer, Position /*firstPosition*/, int picks, std::span<const std::int32_t> experts,
                   std::span<const float> /*weights*/) override {
        const auto found = std::ranges::find(m_table.layers, layer);
        if (found == m_table.layers.end())
            return;
        const auto width = static_cast<std::size_t>(picks);
        const auto column = static_cast<std::size_t>(found - m_table.layers.begin()) * width;
        for (std::size_t i = 0; i < experts.size(); ++i)
            m_table.chosen[(m_first + i / width) * rowSize() + column + i % width] =
                static_cast<std::uint16_t>(experts[i]);
    }

private:
    std::size_t rowSize() const { return m_table.layers.size() * static_cast<std::size_t>(m_table.picks); }

    PickTable& m_table;
    std::size_t m_first = 0;
};

} // namespace

std::int64_t Domain::tokens() const {
    std::int64_t sum = 0;
    for (const auto& document : documents)
        sum += std::ssize(document);
    return sum;
}

Result<PickTable> recordPicks(model::Model& model, const Domain& domain, const std::vector<LayerId>& layers,
                              std::int64_t limit, const std::function<void(std::int64_t)>& progress,
                              const std::stop_token& stop) {
    PickTable table;
    table.experts = model.expertCount();
    table.picks = model.expertsPerToken();
    table.layers = layers;
    Collector collector(table);
    model::StateOptions stateOptions;
    stateOptions.rollbackSlack = 0;
    stateOptions.checkpointLimit = 0;
    BATHY_TRY(const auto state, model.createState(stateOptions));
    for (const auto& document : domain.documents) {
        state->truncate(0);
        auto rest = std::span(document);
        while (!rest.empty() && std::ssize(table.tokens) < limit) {
            const auto room = static_cast<std::size_t>(limit - std::ssize(table.tokens));
            const auto piece = rest.first(std::min({rest.size(), kPiece, room}));
            collector.beginStep(piece);
            model::ForwardOptions options;
            options.logitsAt = model::LogitsAt::None;
            options.routing = &collector;
            options.stop = stop;
            BATHY_CHECK(model.forward(*state, piece, options));
            rest = rest.subspan(piece.size());
            if (progress)
                progress(std::ssize(table.tokens));
        }
    }
    return table;
}

} // namespace bathy::evaluate
