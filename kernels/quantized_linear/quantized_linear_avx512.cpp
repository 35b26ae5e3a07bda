// With the instructions for sums of byte products (VNNI) on 32-byte registers, of which AVX-512 has 32.
#include "kernels/quantized_linear/quantized_linear_simd.h"

namespace bathy::kernels {

struct Avx512Bytes {
    static __m256i dot(__m256i unsignedBytes, __m256i signedBytes) {
        return _mm256_dpbusd_epi32(_mm256_setzero_si256(), unsignedBytes, signedBytes);
    }
    static __m256i addScaled(__m256i sum, __m256i pairs, __m256i scales) {
        return _mm256_dpwssd_epi32(sum, pairs, scales);
    }
};

void quantizedLinearAvx512(const QuantizedLinearJob& job) {
    quantizedLinearSimd<Avx512Bytes>(job);
}

} // namespace bathy::kernels
