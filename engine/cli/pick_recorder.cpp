#include "engine/cli/pick_recorder.h"

#include <algorithm>

namespace bathy::cli {

PickRecorder::PickRecorder(const model::ModelCard& card) : m_places(card.indexTopK) {
    for (std::size_t i = 0; i < card.layers.size(); ++i)
        if (const auto form = card.layers[i].attention;
            form == model::AttentionForm::CompressedSparse || form == model::AttentionForm::SparseLatent)
            m_layers.push_back(LayerId{static_cast<std::int32_t>(i)});
}

void PickRecorder::begin(std::int64_t first, std::int64_t tokens) {
    m_first = first;
    m_rows.assign(static_cast<std::size_t>(tokens * columns()), -1);
}

bool PickRecorder::wants(LayerId layer, Position) {
    return std::find(m_layers.begin(), m_layers.end(), layer) != m_layers.end();
}

void PickRecorder::onProbe(const model::AttentionProbe& probe) {
    if (probe.entryScores.empty())
        return;
    const auto layer = std::find(m_layers.begin(), m_layers.end(), probe.layer) - m_layers.begin();
    const auto row = static_cast<std::int64_t>(probe.position) - m_first;
    const auto count = std::min(m_places, static_cast<std::int64_t>(probe.entries.size()));
    std::transform(probe.entries.begin(), probe.entries.begin() + count,
                   m_rows.begin() + row * columns() + layer * m_places,
                   [](std::int64_t entry) { return static_cast<std::int32_t>(entry); });
}

} // namespace bathy::cli
