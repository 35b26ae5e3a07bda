#include "kernels/common/simd_avx2.h"

#include "kernels/hyper_connection/hyper_connection_simd.h"

namespace bathy::kernels {

void mixStreamsAvx2(const float* streams, const float* weight, std::int64_t n, std::int64_t channels, float* out) {
    mixStreamsSimd<Avx2>(streams, weight, n, channels, out);
}

void hyperPostAvx2(const HyperPostJob& job) {
    hyperPostSimd<Avx2>(job);
}

} // namespace bathy::kernels
