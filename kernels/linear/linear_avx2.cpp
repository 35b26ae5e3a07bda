#include "kernels/common/simd_avx2.h"

#include "kernels/linear/linear_simd.h"

namespace bathy::kernels {

void linearAvx2(const LinearJob& job) {
    linearSimd<Avx2>(job);
}

} // namespace bathy::kernels
