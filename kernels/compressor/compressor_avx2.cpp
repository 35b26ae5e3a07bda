#include "kernels/common/simd_avx2.h"

#include "kernels/compressor/compressor_simd.h"

namespace bathy::kernels {

void poolEntryAvx2(const PoolShape& shape, const float* const* u, const float* const* z, float* out) {
    poolEntrySimd<Avx2>(shape, u, z, out);
}

} // namespace bathy::kernels
