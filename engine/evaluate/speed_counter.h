// Counts the passes of one run and the routed experts that they read. Engine thread.
#pragma once

#include "engine/evaluate/speed.h"

#include <cstdint>
#include <span>

namespace bathy::evaluate {

class SpeedCounter final : public model::RoutingSink, public model::StreamSink {
public:
    // Before a step of `tokens` tokens at `first`. A model may cut it into passes of its own, which it shows as such.
    void beginStep(std::int64_t first, std::int64_t tokens, bool logits);
    // Whatever was counted so far; counting begins anew.
    CountedRun take();

    void onRouting(LayerId layer, Position firstPosition, int picks, std::span<const std::int32_t> experts,
                   std::span<const float> weights) override;
    void onStreams(LayerId after, Position firstPosition, std::span<const float> streams) override;

private:
    CountedRun m_run;
};

} // namespace bathy::evaluate
