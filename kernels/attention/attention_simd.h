// Attention over lanes V. Rows are decoded in tiles; scores are dot products with one chain per lane, values are added
// row after row. Neither depends on which heads share a call or where tiles begin.
#pragma once

#include "kernels/attention/attention.h"
#include "kernels/common/simd_math.h"
#include "kernels/linear/panel_dot.h"
#include "kernels/packed_rows/packed_rows_simd.h"

namespace bathy::kernels {

template <class V>
class AttentionSimd {
public:
    explicit AttentionSimd(const AttentionJob& job) : m_job(job) {}

    void run() {
        forEachTile([&](std::int64_t first, std::int64_t count) { scoreTile(first, count); });
        for (std::int64_t h = 0; h < m_job.heads; ++h)
            softmaxHead(h);
        for (std::int64_t i = 0; i < m_job.heads * m_job.valueDim; ++i)
            m_job.out[i] = 0;
        forEachTile([&](std::int64_t first, std::int64_t count) { addTile(first, count); });
    }

private:
    using F = typename V::F;
    static constexpr int kValueHeads = V::kLanes == 16 ? 4 : 2;
    static constexpr int kValueVectors = 4;

    const AttentionJob& m_job;
    const float* m_rows[kAttentionTile]; // the rows of the current tile

    template <class Body>
    void forEachTile(const Body& body) {
        const auto* pick = m_job.picks;
        std::int64_t next = 0; // within the pick
        for (std::int64_t first = 0; first < m_job.rows; first += kAttentionTile) {
            const auto count = m_job.rows - first < kAttentionTile ? m_job.rows - first : kAttentionTile;
            for (std::int64_t i = 0; i < count; ++i) {
                while (next == pick->count) {
                    ++pick;
                    next = 0;
                }
                const auto& store = *pick->store;
                const auto row = pick->index ? pick->index[next] : pick->first + next;
                m_rows[i] = open(store, store.rows + row * store.rowBytes, m_job.scratch + i * m_job.rowDim);
                ++next;
            }
            body(first, count);
        }
    }

    static const float* open(const KvRows& store, const std::byte* row, float* room) {
        if (store.layout.format == KvRowFormat::F32)
            return reinterpret_cast<const float*>(row); // read with unaligned loads only
        unpackKvRowSimd<V>(store.layout, row, room);
        return room;
    }

    void scoreTile(std::int64_t first, std::int64_t count) {
        PanelRows<V, DType::F32> rows;
        const float* q[V::kTileTokens];
        float sums[V::kTileTokens * 4];
        for (std::int64_t h = 0; h < m_job.heads; h += V::kTileTokens) {
            const auto heads = m_job.heads - h < V::kTileTokens ? m_job.heads - h : V::kTileTokens;
            for (std::int64_t i = 0; i < heads; ++i)
                q[i] = m_job.q + (h + i) * m_job.dim;
            for (std::int64_t j = 0; j < count; j += 4) {
                const auto four = count - j < 4 ? count - j : 4;
                for (std::int64_t i = 0; i < 4; ++i)
                    rows.data[i] = reinterpret_cast<const std::byte*>(m_rows[i < four ? j + i : j]);
                panelDotTokens<V, DType::F32, V::kTileTokens, Fetch::None>(rows, q, heads, m_job.dim, sums);
                for (std::int64_t i = 0; i < heads; ++i)
                    for (std::int64_t r = 0; r < four; ++r)
                        m_job.probabilities[(h + i) * m_job.rows + first + j + r] = sums[4 * i + r] * m_job.scale;
            }
        }
    }

    void softmaxHead(std::int64_t head) {
        float* p = m_job.probabilities + head * m_job.rows;
        const auto n = m_job.rows;
        F most = V::set1(m_job.sink ? m_job.sink[head] : -__builtin_inff());
        std::int64_t j = 0;
        for (; j + V::kLanes <= n; j += V::kLanes)
            most = V::max(most, V::load(p + j));
        float largest = V::largest(most);
        for (; j < n; ++j)
            largest = p[j] > largest ? p[j] : largest;
        const F shift = V::set1(largest);
        F sum = V::zero();
        for (j = 0; j + V::kLanes <= n; j += V::kLanes) {
            const F e = expLanes<V>(V::sub(V::load(p + j), shift));
            V::store(p + j, e);
            sum = V::add(sum, e);
        }
        float total = sumLanes<V>(sum);
        if (j < n) {
            V::store(p + j, expLanes<V>(V::sub(V::load(p + j, n - j), shift)), n - j);
            for (auto i = j; i < n; ++i)
                total += p[i];
        }
        if (m_job.sink) {
            float e[V::kLanes];
            V::store(e, expLanes<V>(V::set1(m_job.sink[head] - largest)));
            total += e[0];
        }
        const F factor = V::set1(1.0f / total);
        for (j = 0; j < n; j += V::kLanes) {
            if (n - j >= V::kLanes)
                V::store(p + j, V::mul(V::load(p + j), factor));
            else
                V::store(p + j, V::mul(V::load(p + j, n - j), factor), n - j);
        }
    }

    void addTile(std::int64_t first, std::int64_t count) {
        std::int64_t h = 0;
        for (; h + kValueHeads <= m_job.heads; h += kValueHeads)
            addTileHeads<kValueHeads>(h, first, count);
        for (; h < m_job.heads; ++h)
            addTileHeads<1>(h, first, count);
    }

    template <int Heads>
    void addTileHeads(std::int64_t head, std::int64_t first, std::int64_t count) {
        constexpr auto kWide = kValueVectors * V::kLanes;
        std::int64_t c = 0;
        for (; c + kWide <= m_job.valueDim; c += kWide)
            addColumns<Heads, kValueVectors, true>(head, first, count, c);
        for (; c + V::kLanes <= m_job.valueDim; c += V::kLanes)
            addColumns<Heads, 1, true>(head, first, count, c);
        if (c < m_job.valueDim)
            addColumns<Heads, 1, false>(head, first, count, c);
    }

    template <int Heads, int Vectors, bool Whole>
    void addColumns(std::int64_t head, std::int64_t first, std::int64_t count, std::int64_t c) {
        const auto left = m_job.valueDim - c;
        const auto load = [&](const float* p) {
            if constexpr (Whole)
                return V::load(p);
            else
                return V::load(p, left);
        };
        float* out = m_job.out + head * m_job.valueDim + c;
        const float* p = m_job.probabilities + head * m_job.rows + first;
        F sum[Heads][Vectors];
        for (int h = 0; h < Heads; ++h)
            for (int v = 0; v < Vectors; ++v)
                sum[h][v] = load(out + h * m_job.valueDim + v * V::kLanes);
        for (std::int64_t j = 0; j < count; ++j) {
            F row[Vectors];
            for (int v = 0; v < Vectors; ++v)
                row[v] = load(m_rows[j] + m_job.valueOffset + c + v * V::kLanes);
            for (int h = 0; h < Heads; ++h) {
                const F weight = V::set1(p[h * m_job.rows + j]);
                for (int v = 0; v < Vectors; ++v)
                    sum[h][v] = V::fma(weight, row[v], sum[h][v]);
            }
        }
        for (int h = 0; h < Heads; ++h)
            for (int v = 0; v < Vectors; ++v) {
                if constexpr (Whole)
                    V::store(out + h * m_job.valueDim + v * V::kLanes, sum[h][v]);
                else
                    V::store(out + h * m_job.valueDim + v * V::kLanes, sum[h][v], left);
            }
    }
};

} // namespace bathy::kernels
