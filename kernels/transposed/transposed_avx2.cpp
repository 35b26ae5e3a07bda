#include "kernels/common/simd_avx2.h"

#include "kernels/transposed/transposed_simd.h"

namespace bathy::kernels {

void transposedAvx2(const TransposedJob& job) {
    transposedSimd<Avx2>(job);
}

} // namespace bathy::kernels
