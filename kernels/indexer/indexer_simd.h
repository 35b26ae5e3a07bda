// Indexer scores over lanes V: lanes are heads, the queries lie transposed in the scratch, four keys at a time. A key's
// score does not depend on its neighbours.
#pragma once

#include "kernels/indexer/indexer.h"
#include "kernels/packed_rows/packed_rows_simd.h"

namespace bathy::kernels {

template <class V>
class IndexScoresSimd {
public:
    explicit IndexScoresSimd(const IndexScoreJob& job)
        : m_job(job), m_dim(job.keys->dim), m_heads((job.heads + V::kLanes - 1) / V::kLanes * V::kLanes),
          m_queries(job.scratch), m_weights(m_queries + m_dim * m_heads), m_tile(m_weights + m_heads) {}

    void run() {
        transposeQueries();
        for (auto s = m_job.begin; s < m_job.end; s += kKeys) {
            const auto count = m_job.end - s < kKeys ? m_job.end - s : kKeys;
            const float* keys[kKeys];
            for (std::int64_t i = 0; i < kKeys; ++i)
                keys[i] = i < count ? key(s + i, i) : keys[0];
            F total[kKeys] = {V::zero(), V::zero(), V::zero(), V::zero()};
            std::int64_t head = 0;
            for (; head + kVectors * V::kLanes <= m_heads; head += kVectors * V::kLanes)
                addHeads<kVectors>(keys, head, total);
            for (; head < m_heads; head += V::kLanes)
                addHeads<1>(keys, head, total);
            float scores[kKeys];
            _mm_storeu_ps(scores, V::sums(total[0], total[1], total[2], total[3]));
            for (std::int64_t i = 0; i < count; ++i)
                m_job.scores[s - m_job.begin + i] = scores[i];
        }
    }

private:
    using F = typename V::F;
    static constexpr std::int64_t kKeys = 4;
    static constexpr int kVectors = V::kLanes == 16 ? 4 : 2;

    const IndexScoreJob& m_job;
    std::int64_t m_dim;
    std::int64_t m_heads; // padded with heads of weight 0
    float* m_queries;     // [dim, heads]
    float* m_weights;     // [heads]
    float* m_tile;        // [kKeys, dim]

    void transposeQueries() {
        for (std::int64_t h = 0; h < m_heads; ++h) {
            const bool real = h < m_job.heads;
            m_weights[h] = real ? m_job.weights[h] : 0.0f;
            for (std::int64_t c = 0; c < m_dim; ++c)
                m_queries[c * m_heads + h] = real ? m_job.q[h * m_dim + c] : 0.0f;
        }
    }

    const float* key(std::int64_t s, std::int64_t slot) {
        float* out = m_tile + slot * m_dim;
        unpackIndexKeySimd<V>(m_job.keys->format, m_dim, m_job.keys->rows + s * m_job.keys->rowBytes, out);
        return out;
    }

    template <int Vectors>
    void addHeads(const float* const* keys, std::int64_t head, F* total) const {
        F dot[kKeys][Vectors];
        for (int i = 0; i < kKeys; ++i)
            for (int v = 0; v < Vectors; ++v)
                dot[i][v] = V::zero();
        const float* q = m_queries + head;
        for (std::int64_t c = 0; c < m_dim; ++c, q += m_heads) {
            F query[Vectors];
            for (int v = 0; v < Vectors; ++v)
                query[v] = V::load(q + v * V::kLanes);
            for (int i = 0; i < kKeys; ++i) {
                const F value = V::set1(keys[i][c]);
                for (int v = 0; v < Vectors; ++v)
                    dot[i][v] = V::fma(query[v], value, dot[i][v]);
            }
        }
        for (int v = 0; v < Vectors; ++v) {
            const F weight = V::load(m_weights + head + v * V::kLanes);
            for (int i = 0; i < kKeys; ++i)
                total[i] = V::fma(weight, V::max(V::zero(), dot[i][v]), total[i]);
        }
    }
};

} // namespace bathy::kernels
