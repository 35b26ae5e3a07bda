#include "kernels/common/simd_avx512.h"

#include "kernels/transposed/transposed_simd.h"

namespace bathy::kernels {

void transposedAvx512(const TransposedJob& job) {
    transposedSimd<Avx512>(job);
}

} // namespace bathy::kernels
