#include "kernels/common/simd_avx2.h"

#include "kernels/indexer/indexer_simd.h"

namespace bathy::kernels {

void indexScoresAvx2(const IndexScoreJob& job) {
    IndexScoresSimd<Avx2>(job).run();
}

} // namespace bathy::kernels
