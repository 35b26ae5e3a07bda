#include "engine/model/decoder/scratch_plan.h"

#include "engine/model/decoder/step.h"

#include <algorithm>

namespace bathy::model::decoder {
namespace {

constexpr std::int64_t kContextStep = 16'384;
// Blocks are handed out in whole cache lines.
constexpr std::int64_t kRounding = 16 * 1024;

} // namespace

PlanSize planSize(const FrameSize& frame, int threads, std::int64_t chunk, std::int64_t tokens) {
    PlanSize size;
    size.threads = threads;
    size.chunk = std::min<std::int64_t>(chunk, kChunkTokens);
    size.tokens = std::min((tokens + kContextStep - 1) / kContextStep * kContextStep, frame.contextLength);
    return size;
}

std::uint64_t planFrameBytes(const FrameSize& frame, const PlanSize& size, std::int64_t partFloats) {
    const auto held = size.chunk * (3 * frame.hiddenSize + frame.ropeDim + 2);
    const auto head = size.chunk * 2 * frame.hiddenSize + size.perThread(2 * size.chunk);
    return static_cast<std::uint64_t>(held + std::max(head, partFloats) + kRounding) * sizeof(float);
}

} // namespace bathy::model::decoder
