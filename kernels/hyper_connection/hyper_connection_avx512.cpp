#include "kernels/common/simd_avx512.h"

#include "kernels/hyper_connection/hyper_connection_simd.h"

namespace bathy::kernels {

void mixStreamsAvx512(const float* streams, const float* weight, std::int64_t n, std::int64_t channels, float* out) {
    mixStreamsSimd<Avx512>(streams, weight, n, channels, out);
}

void hyperPostAvx512(const HyperPostJob& job) {
    hyperPostSimd<Avx512>(job);
}

} // namespace bathy::kernels
