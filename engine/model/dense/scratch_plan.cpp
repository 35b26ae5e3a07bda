#include "engine/model/dense/scratch_plan.h"

#include "engine/model/decoder/feed_forward.h"
#include "engine/model/dense/attention.h"

#include <algorithm>

namespace bathy::model::dense {

std::uint64_t planScratchBytes(const Config& config, int threads, std::int64_t chunk, std::int64_t tokens) {
    const decoder::FrameSize frame{config.hiddenSize, config.headDim, config.contextLength};
    const auto size = decoder::planSize(frame, threads, chunk, tokens);
    return decoder::planFrameBytes(
        frame, size,
        std::max(planAttention(config, size), decoder::planFeedForward(size, config.ffnWidth, config.hiddenSize)));
}

} // namespace bathy::model::dense
