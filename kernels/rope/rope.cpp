#include "kernels/rope/rope.h"

namespace bathy::kernels {

void ropeHeads(const RopeJob& job) {
    const float sign = job.inverse ? -1.0f : 1.0f;
    const auto pairs = job.ropeDim / 2;
    for (std::int64_t h = 0; h < job.heads; ++h) {
        auto* x = job.x + h * job.headDim + job.first;
        for (std::int64_t pair = 0; pair < pairs; ++pair) {
            auto& first = x[job.halfSplit ? pair : 2 * pair];
            auto& second = x[job.halfSplit ? pair + pairs : 2 * pair + 1];
            const float a = first;
            const float b = second;
            const float cosine = job.angles[2 * pair];
            const float sine = sign * job.angles[2 * pair + 1];
            first = a * cosine - b * sine;
            second = a * sine + b * cosine;
        }
    }
}

} // namespace bathy::kernels
