#include "engine/evaluate/speed_counter.h"

#include <set>
#include <utility>

namespace bathy::evaluate {

void SpeedCounter::beginStep(std::int64_t first, std::int64_t tokens, bool logits) {
    m_run.passes.push_back({first, tokens});
    m_run.logits += logits ? 1 : 0; // of one pass, whatever its number of tokens
}

void SpeedCounter::onStreams(LayerId after, Position firstPosition, std::span<const float> /*streams*/) {
    auto& pass = m_run.passes.back();
    const auto taken = raw(firstPosition) - pass.first;
    if (after != LayerId{-1} || taken <= 0)
        return;
    const auto rest = pass.tokens - taken;
    pass.tokens = taken;
    m_run.passes.push_back({raw(firstPosition), rest});
}

void SpeedCounter::onRouting(LayerId layer, Position /*firstPosition*/, int /*picks*/,
                             std::span<const std::int32_t> experts, std::span<const float> /*weights*/) {
    std::set<std::int32_t> different(experts.begin(), experts.end());
    different.erase(-1);
    const auto index = static_cast<std::size_t>(raw(layer));
    if (m_run.expertReads.size() <= index)
        m_run.expertReads.resize(index + 1);
    m_run.expertReads[index] += different.size();
}

CountedRun SpeedCounter::take() {
    return std::exchange(m_run, {});
}

} // namespace bathy::evaluate
