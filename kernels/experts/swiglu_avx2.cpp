#include "kernels/common/simd_avx2.h"

#include "kernels/experts/swiglu_simd.h"

namespace bathy::kernels {

void swigluAvx2(const SwigluJob& job) {
    swigluSimd<Avx2>(job);
}

} // namespace bathy::kernels
