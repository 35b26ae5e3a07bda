#include "kernels/common/simd_avx512.h"

#include "kernels/linear/linear_simd.h"

namespace bathy::kernels {

void linearAvx512(const LinearJob& job) {
    linearSimd<Avx512>(job);
}

} // namespace bathy::kernels
