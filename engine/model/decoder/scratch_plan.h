// How much work space a step needs in the families built of plain pre-norm layers. Pure functions.
#pragma once

#include <cstdint>

namespace bathy::model::decoder {

// What the frame must know of a config to plan.
struct FrameSize {
    std::int64_t hiddenSize = 0;
    std::int64_t ropeDim = 0;
    std::int64_t contextLength = 0;
};

// Work space of the chunk's parts besides the frame's own, in floats.
struct PlanSize {
    std::int64_t threads = 0;
    std::int64_t chunk = 0;  // T
    std::int64_t tokens = 0; // context at the end of the chunk

    // Of ops that give each thread `floats` of its own, tiles of decoded weights included.
    std::int64_t perThread(std::int64_t floats) const { return threads * (floats + 48 * 1024); }
};

// The context is taken in large steps, so that a growing one does not ask for a little more every few tokens.
PlanSize planSize(const FrameSize& frame, int threads, std::int64_t chunk, std::int64_t tokens);

// Bytes of a whole step whose attention or feed-forward part, whichever is larger, takes `partFloats`.
std::uint64_t planFrameBytes(const FrameSize& frame, const PlanSize& size, std::int64_t partFloats);

} // namespace bathy::model::decoder
