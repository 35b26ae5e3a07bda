#include "kernels/experts/swiglu.h"

#include <algorithm>
#include <cmath>

namespace bathy::kernels {

void swigluReference(const SwigluJob& job) {
    for (std::int64_t i = 0; i < job.count; ++i) {
        double gate = job.gate[i];
        double up = job.up[i];
        if (job.limit > 0) {
            gate = std::min<double>(gate, job.limit);
            up = std::clamp<double>(up, -job.limit, job.limit);
        }
        job.out[i] = static_cast<float>(gate / (1.0 + std::exp(-gate)) * up * job.weight);
    }
}

} // namespace bathy::kernels
