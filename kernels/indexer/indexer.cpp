#include "kernels/indexer/indexer.h"

namespace bathy::kernels {

// Transposed queries and weights, heads padded to the widest lanes, and four decoded keys.
std::int64_t indexScratchFloats(std::int64_t heads, std::int64_t dim) {
    const auto padded = (heads + 15) / 16 * 16;
    return (dim + 1) * padded + 4 * dim;
}

void indexScoresReference(const IndexScoreJob& job) {
    const auto& keys = *job.keys;
    for (auto s = job.begin; s < job.end; ++s) {
        unpackIndexKey(keys.format, keys.dim, keys.rows + s * keys.rowBytes, job.scratch);
        double score = 0;
        for (std::int64_t h = 0; h < job.heads; ++h) {
            double dot = 0;
            for (std::int64_t c = 0; c < keys.dim; ++c)
                dot += static_cast<double>(job.q[h * keys.dim + c]) * job.scratch[c];
            score += dot > 0 ? job.weights[h] * dot : 0.0;
        }
        job.scores[s - job.begin] = static_cast<float>(score);
    }
}

} // namespace bathy::kernels
