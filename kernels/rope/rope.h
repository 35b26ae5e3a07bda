// Rotation of channel pairs on ropeDim channels of each head of one token, in place. Pair i is (2i, 2i + 1) or, half
// split, (i, i + ropeDim / 2). angles [ropeDim]: cos of pair i at 2i, sin at 2i + 1.
#pragma once

#include <cstdint>

namespace bathy::kernels {

struct RopeJob {
    float* x = nullptr; // [heads, headDim]
    std::int64_t heads = 0;
    std::int64_t headDim = 0;
    std::int64_t ropeDim = 0;
    std::int64_t first = 0; // rotated channels of a head: [first, first + ropeDim)
    const float* angles = nullptr;
    bool inverse = false;
    bool halfSplit = false;
};

void ropeHeads(const RopeJob& job);

} // namespace bathy::kernels
