#include "kernels/quantized_linear/quantized_linear_simd.h"

namespace bathy::kernels {

struct Avx2Bytes {
    // Sums of four products of unsigned and signed bytes; no pair may exceed 16 bits.
    static __m256i dot(__m256i unsignedBytes, __m256i signedBytes) {
        return _mm256_madd_epi16(_mm256_maddubs_epi16(unsignedBytes, signedBytes), _mm256_set1_epi16(1));
    }
    static __m256i addScaled(__m256i sum, __m256i pairs, __m256i scales) {
        return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, scales));
    }
};

void quantizedLinearAvx2(const QuantizedLinearJob& job) {
    quantizedLinearSimd<Avx2Bytes>(job);
}

} // namespace bathy::kernels
