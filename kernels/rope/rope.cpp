#include "kernels/rope/rope.h"

namespace bathy::kernels {

void ropeHeads(const RopeJob& job) {
    const float sign = job.inverse ? -1.0f : 1.0f;
    for (std::int64_t h = 0; h < job.heads; ++h) {
        auto* x = job.x + (h + 1) * job.headDim - job.ropeDim;
        for (std::int64_t i = 0; i < job.ropeDim; i += 2) {
            const float a = x[i];
            const float b = x[i + 1];
            const float cosine = job.angles[i];
            const float sine = sign * job.angles[i + 1];
            x[i] = a * cosine - b * sine;
            x[i + 1] = a * sine + b * cosine;
        }
    }
}

} // namespace bathy::kernels
