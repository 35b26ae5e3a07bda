#include "engine/model/deepseek_v3/scratch_plan.h"

#include "engine/model/decoder/feed_forward.h"
#include "engine/model/deepseek_v3/attention.h"
#include "engine/model/deepseek_v3/moe.h"

#include <algorithm>

namespace bathy::model::deepseek_v3 {

std::uint64_t planScratchBytes(const Config& config, int threads, std::int64_t chunk, std::int64_t tokens) {
    const decoder::FrameSize frame{config.hiddenSize, config.ropeDim, config.contextLength};
    const auto size = decoder::planSize(frame, threads, chunk, tokens);
    return decoder::planFrameBytes(frame, size,
                                   std::max({planAttention(config, size), planExperts(config, size),
                                             decoder::planFeedForward(size, config.denseWidth, config.hiddenSize)}));
}

} // namespace bathy::model::deepseek_v3
