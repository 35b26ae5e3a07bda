// Rotation of interleaved pairs (spec 2.3) on the last ropeDim channels of each head of one token, in place.
// angles [ropeDim]: cos of pair i at 2i, sin at 2i + 1.
#pragma once

#include <cstdint>

namespace bathy::kernels {

struct RopeJob {
    float* x = nullptr; // [heads, headDim]
    std::int64_t heads = 0;
    std::int64_t headDim = 0;
    std::int64_t ropeDim = 0;
    const float* angles = nullptr;
    bool inverse = false;
};

void ropeHeads(const RopeJob& job);

} // namespace bathy::kernels
