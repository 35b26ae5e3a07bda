#include "kernels/common/simd_avx512.h"

#include "kernels/compressor/compressor_simd.h"

namespace bathy::kernels {

void poolEntryAvx512(const PoolShape& shape, const float* const* u, const float* const* z, float* out) {
    poolEntrySimd<Avx512>(shape, u, z, out);
}

} // namespace bathy::kernels
