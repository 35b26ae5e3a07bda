// h[i] = weight * silu(min(gate[i], limit)) * clip(up[i], -limit, limit) (spec 2.10); limit 0: no clamp. h may be gate.
#pragma once

#include <cstdint>

namespace bathy::kernels {

struct SwigluJob {
    const float* gate = nullptr;
    const float* up = nullptr;
    float* out = nullptr;
    std::int64_t count = 0;
    float limit = 0;
    float weight = 1;
};

void swigluReference(const SwigluJob& job);
void swigluAvx2(const SwigluJob& job);
void swigluAvx512(const SwigluJob& job);

} // namespace bathy::kernels
