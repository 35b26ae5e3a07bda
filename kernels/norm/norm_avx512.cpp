#include "kernels/common/simd_avx512.h"

#include "kernels/norm/norm_simd.h"

namespace bathy::kernels {

float inverseRmsAvx512(const float* x, float eps, std::int64_t width) {
    return inverseRmsSimd<Avx512>(x, eps, width);
}

void rmsNormRowAvx512(const float* x, const float* weight, float eps, std::int64_t width, float* y) {
    rmsNormRowSimd<Avx512>(x, weight, eps, width, y);
}

} // namespace bathy::kernels
