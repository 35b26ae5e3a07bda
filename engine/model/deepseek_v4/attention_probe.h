// Records for a probe what the tokens of a tile attended to. Does nothing, and costs nothing, where no probe listens.
#pragma once

#include "engine/model/deepseek_v4/indexer.h"
#include "engine/model/deepseek_v4/step.h"

#include <span>

namespace bathy::model::deepseek_v4 {

class TileProbes {
public:
    // Asks the probe sink of the step about each token of the tile.
    TileProbes(const Step& step, std::int64_t firstToken, std::int64_t tokens);

    std::span<const bool> wanted() const { return m_wanted; }
    // Where the attention op shall leave the mass of up to `rows` rows of token t; null when nobody asked.
    float* massOf(std::int64_t token, std::int64_t rows);
    // Hands over what was recorded.
    void report(const kv::LayerCacheSpec& spec, std::span<const EntryPick> picks) const;

private:
    void reportToken(const kv::LayerCacheSpec& spec, std::int64_t position, const EntryPick& pick,
                     const float* mass) const;

    const Step& m_step;
    std::int64_t m_first;
    std::span<bool> m_wanted; // [tokens]
    std::span<float*> m_mass; // [tokens]
};

} // namespace bathy::model::deepseek_v4
