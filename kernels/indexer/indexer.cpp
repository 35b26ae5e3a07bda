#include "kernels/indexer/indexer.h"

namespace bathy::kernels {

std::int64_t indexScratchFloats(std::int64_t, std::int64_t dim) {
    return dim;
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
