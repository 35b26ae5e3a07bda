#include "engine/runtime/scheduler.h"

#include <algorithm>
#include <tuple>

namespace bathy::runtime {

namespace {

std::int64_t prefillTokens(const Work& work, bool othersDecode) {
    const std::int64_t left = work.prefillEnd - work.position;
    const int chunk = othersDecode ? std::min(work.prefillChunk, kPrefillChunkBesideDecode) : work.prefillChunk;
    return std::clamp<std::int64_t>(chunk, 1, std::max<std::int64_t>(left, 1));
}

} // namespace

Plan schedule(std::span<const Work> work) {
    const auto stopping = std::find_if(work.begin(), work.end(), [](const Work& w) { return w.stopping; });
    if (stopping != work.end())
        return {StepKind::Finish, stopping->generation, 0};
    const auto next = std::min_element(work.begin(), work.end(), [](const Work& a, const Work& b) {
        return std::tuple(a.lastServed, a.phase == WorkPhase::Prefill) <
               std::tuple(b.lastServed, b.phase == WorkPhase::Prefill);
    });
    if (next == work.end())
        return {};
    if (next->phase == WorkPhase::Decode)
        return {StepKind::Decode, next->generation, 0};
    const bool othersDecode =
        std::any_of(work.begin(), work.end(), [](const Work& w) { return w.phase == WorkPhase::Decode; });
    return {StepKind::Prefill, next->generation, prefillTokens(*next, othersDecode)};
}

} // namespace bathy::runtime
