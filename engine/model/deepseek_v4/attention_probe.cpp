#include "engine/model/deepseek_v4/attention_probe.h"

#include <numeric>
#include <vector>

namespace bathy::model::deepseek_v4 {

TileProbes::TileProbes(const Step& step, std::int64_t firstToken, std::int64_t tokens)
    : m_step(step), m_first(step.first + firstToken), m_wanted(step.ops.scratch.take<bool>(tokens)),
      m_mass(step.ops.scratch.take<float*>(tokens)) {
    std::fill(m_mass.begin(), m_mass.end(), nullptr);
    for (std::int64_t t = 0; t < tokens; ++t)
        m_wanted[static_cast<std::size_t>(t)] =
            step.options.probes && step.options.probes->wants(step.ops.layer, Position{m_first + t});
}

float* TileProbes::massOf(std::int64_t token, std::int64_t rows) {
    const auto i = static_cast<std::size_t>(token);
    if (m_wanted[i])
        m_mass[i] = m_step.ops.scratch.take<float>(rows).data();
    return m_mass[i];
}

void TileProbes::report(const kv::LayerCacheSpec& spec, std::span<const EntryPick> picks) const {
    for (std::size_t i = 0; i < picks.size(); ++i)
        if (m_wanted[i])
            reportToken(spec, m_first + static_cast<std::int64_t>(i), picks[i], m_mass[i]);
}

void TileProbes::reportToken(const kv::LayerCacheSpec& spec, std::int64_t position, const EntryPick& pick,
                             const float* mass) const {
    std::vector<std::int64_t> entries(static_cast<std::size_t>(pick.count));
    std::iota(entries.begin(), entries.end(), 0);
    if (pick.index)
        std::copy_n(pick.index, pick.count, entries.begin());
    std::vector<float> scores;
    if (pick.scores)
        for (const auto entry : entries)
            scores.push_back(pick.scores[entry]);
    AttentionProbe probe;
    probe.layer = m_step.ops.layer;
    probe.position = Position{position};
    probe.ratio = static_cast<int>(spec.ratio);
    probe.windowBegin = spec.windowBegin(position);
    const auto windowRows = position + 1 - probe.windowBegin;
    probe.windowMass = {mass, static_cast<std::size_t>(windowRows)};
    probe.entries = entries;
    probe.entryScores = scores;
    probe.entryMass = {mass + windowRows, entries.size()};
    probe.sinkMass = static_cast<float>(1.0 - std::accumulate(mass, mass + windowRows + pick.count, 0.0));
    m_step.options.probes->onProbe(probe);
}

} // namespace bathy::model::deepseek_v4
