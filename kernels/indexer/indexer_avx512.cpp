#include "kernels/common/simd_avx512.h"

#include "kernels/indexer/indexer_simd.h"

namespace bathy::kernels {

void indexScoresAvx512(const IndexScoreJob& job) {
    IndexScoresSimd<Avx512>(job).run();
}

} // namespace bathy::kernels
