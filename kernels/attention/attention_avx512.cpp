#include "kernels/common/simd_avx512.h"

#include "kernels/attention/attention_simd.h"

namespace bathy::kernels {

void attentionAvx512(const AttentionJob& job) {
    AttentionSimd<Avx512>(job).run();
}

} // namespace bathy::kernels
