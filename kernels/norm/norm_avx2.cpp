#include "kernels/common/simd_avx2.h"

#include "kernels/norm/norm_simd.h"

namespace bathy::kernels {

float inverseRmsAvx2(const float* x, float eps, std::int64_t width) {
    return inverseRmsSimd<Avx2>(x, eps, width);
}

void rmsNormRowAvx2(const float* x, const float* weight, float eps, std::int64_t width, float* y) {
    rmsNormRowSimd<Avx2>(x, weight, eps, width, y);
}

} // namespace bathy::kernels
