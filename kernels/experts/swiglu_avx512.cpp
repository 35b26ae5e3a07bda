#include "kernels/common/simd_avx512.h"

#include "kernels/experts/swiglu_simd.h"

namespace bathy::kernels {

void swigluAvx512(const SwigluJob& job) {
    swigluSimd<Avx512>(job);
}

} // namespace bathy::kernels
