#include "kernels/common/simd_avx2.h"

#include "kernels/attention/attention_simd.h"

namespace bathy::kernels {

void attentionAvx2(const AttentionJob& job) {
    AttentionSimd<Avx2>(job).run();
}

} // namespace bathy::kernels
