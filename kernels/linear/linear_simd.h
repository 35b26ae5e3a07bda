// Linear over lanes V: how a panel of weights meets the tokens. See linear.h for the order of additions. Private to the
// files linear_<isa>.cpp.
#pragma once

#include "kernels/linear/block_codec.h"
#include "kernels/linear/linear.h"
#include "kernels/linear/panel_dot.h"

namespace bathy::kernels {

// Weight rows that are worked on together when many tokens share them; their decoded panel stays in the second-level
// cache.
inline constexpr std::int64_t kTileRows = 16;

template <class V, DType D>
class LinearSimd {
public:
    explicit LinearSimd(const LinearJob& job) : m_job(job), m_weight(*job.weight) {}

    void run() {
        if constexpr (kBlocks)
            m_gain = blockGain();
        if (m_job.tokens <= V::kDirectTokens)
            runDirect();
        else
            runTiled();
    }

private:
    static constexpr bool kPairs = D == DType::F4E2M1;
    static constexpr bool kBlocks = D >= DType::Q4_0;
    static constexpr std::int64_t kGroup = 2 * V::kLanes;

    static constexpr float codecGain() {
        if constexpr (kBlocks)
            return 1.0f;
        else
            return WeightCodec<V, D>::kGain;
    }

    const LinearJob& m_job;
    const WeightView& m_weight;
    float m_gain = codecGain(); // what the sums still have to be multiplied by

    // A block type has at most one scale, for the whole matrix.
    float blockGain() const {
        float gain = 1.0f;
        if (m_weight.scale != nullptr)
            __builtin_memcpy(&gain, m_weight.scale, sizeof gain);
        return gain;
    }

    static std::int64_t padded(std::int64_t n) { return (n + 31) / 32 * 32; }

    const float* xRow(std::int64_t token) const {
        return m_job.x + (m_job.xRows ? m_job.xRows[token] : token) * m_job.xStride;
    }
    float* yRow(std::int64_t token) const {
        return m_job.y + (m_job.yRows ? m_job.yRows[token] : token) * m_job.yStride - m_job.rowBegin;
    }

    // Even elements of each group first, then the odd ones; zeros up to a multiple of 32.
    static void splitPairs(const float* x, std::int64_t n, float* out) {
        for (std::int64_t k = 0; k < padded(n); k += kGroup) {
            const auto left = n - k;
            const auto low = left >= V::kLanes ? V::load(x + k) : V::load(x + k, left > 0 ? left : 0);
            const auto rest = left - V::kLanes;
            const auto high = rest >= V::kLanes ? V::load(x + k + V::kLanes)
                              : rest > 0        ? V::load(x + k + V::kLanes, rest)
                                                : V::zero();
            const auto split = V::deinterleave(low, high);
            V::store(out + k, split.even);
            V::store(out + k + V::kLanes, split.odd);
        }
    }

    // Adds the sums of up to four rows to y, or writes them in the first panel of an overwriting job.
    void put(std::int64_t token, std::int64_t row, std::int64_t rows, std::int64_t panel, const float* sums) const {
        auto* y = yRow(token) + row;
        const bool add = m_job.accumulate || panel > 0;
        for (std::int64_t r = 0; r < rows; ++r) {
            const float value = sums[r] * m_gain;
            y[r] = add ? y[r] + value : value;
        }
    }

    void runDirect() {
        const float* x[V::kDirectTokens];
        for (std::int64_t t = 0; t < m_job.tokens; ++t) {
            x[t] = xRow(t);
            if constexpr (kPairs) {
                auto* split = m_job.scratch + t * padded(m_weight.cols);
                splitPairs(x[t], m_weight.cols, split);
                x[t] = split;
            }
        }
        if constexpr (kBlocks)
            runRows(x);
        else
            runPanels(x);
    }

    void runPanels(const float* const* x) {
        PanelRows<V, D> rows;
        float sums[V::kDirectTokens * 4];
        for (auto row = m_job.rowBegin; row < m_job.rowEnd; row += 4) {
            const auto count = m_job.rowEnd - row < 4 ? m_job.rowEnd - row : 4;
            for (std::int64_t panel = 0; panel < m_weight.cols; panel += kLinearPanel) {
                const auto n = m_weight.cols - panel < kLinearPanel ? m_weight.cols - panel : kLinearPanel;
                rows.open(m_weight, row, count, panel, n);
                const float* piece[V::kDirectTokens];
                for (std::int64_t t = 0; t < m_job.tokens; ++t)
                    piece[t] = x[t] + panel;
                panelDotTokens<V, D, V::kDirectTokens, Fetch::Ahead>(rows, piece, m_job.tokens, n, sums);
                for (std::int64_t t = 0; t < m_job.tokens; ++t)
                    put(t, row, count, panel, sums + 4 * t);
            }
        }
    }

    // Blocks: four rows of a panel are decoded into the first-level cache and multiplied from there.
    void runRows(const float* const* x) {
        auto* tile = m_job.scratch; // [4, kLinearPanel]
        PanelRows<V, DType::F32> rows;
        float sums[V::kDirectTokens * 4];
        for (auto row = m_job.rowBegin; row < m_job.rowEnd; row += 4) {
            const auto count = m_job.rowEnd - row < 4 ? m_job.rowEnd - row : 4;
            for (std::int64_t panel = 0; panel < m_weight.cols; panel += kLinearPanel) {
                const auto n = m_weight.cols - panel < kLinearPanel ? m_weight.cols - panel : kLinearPanel;
                decodeTile(row, count, panel, n, tile);
                rows.openFloats(tile, kLinearPanel, count);
                const float* piece[V::kDirectTokens];
                for (std::int64_t t = 0; t < m_job.tokens; ++t)
                    piece[t] = x[t] + panel;
                panelDotTokens<V, DType::F32, V::kDirectTokens, Fetch::None>(rows, piece, m_job.tokens, n, sums);
                for (std::int64_t t = 0; t < m_job.tokens; ++t)
                    put(t, row, count, panel, sums + 4 * t);
            }
        }
    }

    void runTiled() {
        auto* tile = m_job.scratch;                     // [kTileRows, kLinearPanel]
        auto* packed = tile + kTileRows * kLinearPanel; // [T, kLinearPanel], F4 only
        for (std::int64_t panel = 0; panel < m_weight.cols; panel += kLinearPanel) {
            const auto n = m_weight.cols - panel < kLinearPanel ? m_weight.cols - panel : kLinearPanel;
            if constexpr (kPairs)
                for (std::int64_t t = 0; t < m_job.tokens; ++t)
                    splitPairs(xRow(t) + panel, n, packed + t * kLinearPanel);
            for (auto row = m_job.rowBegin; row < m_job.rowEnd; row += kTileRows) {
                const auto count = m_job.rowEnd - row < kTileRows ? m_job.rowEnd - row : kTileRows;
                decodeTile(row, count, panel, n, tile);
                for (std::int64_t t = 0; t < m_job.tokens; t += V::kTileTokens)
                    tileTimesTokens(tile, packed, row, count, panel, n, t);
            }
        }
    }

    void decodeTile(std::int64_t row, std::int64_t count, std::int64_t panel, std::int64_t n, float* tile) const {
        if constexpr (kBlocks)
            decodeBlockTile(row, count, panel, n, tile);
        else
            decodePanelTile(row, count, panel, n, tile);
    }

    void decodeBlockTile(std::int64_t row, std::int64_t count, std::int64_t panel, std::int64_t n, float* tile) const {
        constexpr std::int64_t kElements = BlockCodec<V, D>::kElements;
        constexpr std::int64_t kBytes = BlockCodec<V, D>::kBytes;
        constexpr std::int64_t kCacheLine = 64;
        const auto ahead = PanelRows<V, DType::F32>::bytesAhead(m_weight);
        for (std::int64_t r = 0; r < count; ++r) {
            const auto* block = m_weight.data + (row + r) * m_weight.rowBytes + panel / kElements * kBytes;
            for (std::int64_t k = 0; k < n; k += kElements, block += kBytes) {
                for (std::int64_t line = 0; line < kBytes; line += kCacheLine)
                    _mm_prefetch(reinterpret_cast<const char*>(block) + line + ahead, _MM_HINT_T0);
                BlockCodec<V, D>::decode(block, tile + r * kLinearPanel + k);
            }
        }
    }

    void decodePanelTile(std::int64_t row, std::int64_t count, std::int64_t panel, std::int64_t n, float* tile) const {
        PanelRows<V, D> rows;
        for (std::int64_t r = 0; r < count; r += 4) {
            const auto four = count - r < 4 ? count - r : 4;
            rows.open(m_weight, row + r, four, panel, n);
            for (std::int64_t i = 0; i < four; ++i)
                decodePanelRow<V, D>(rows, static_cast<int>(i), n, tile + (r + i) * kLinearPanel);
        }
    }

    void tileTimesTokens(const float* tile, const float* packed, std::int64_t row, std::int64_t count,
                         std::int64_t panel, std::int64_t n, std::int64_t token) const {
        const auto tokens = m_job.tokens - token < V::kTileTokens ? m_job.tokens - token : V::kTileTokens;
        const float* x[V::kTileTokens];
        for (std::int64_t t = 0; t < tokens; ++t)
            x[t] = kPairs ? packed + (token + t) * kLinearPanel : xRow(token + t) + panel;
        PanelRows<V, DType::F32> rows;
        float sums[V::kTileTokens * 4];
        for (std::int64_t r = 0; r < count; r += 4) {
            const auto four = count - r < 4 ? count - r : 4;
            rows.openFloats(tile + r * kLinearPanel, kLinearPanel, four);
            panelDotTokens<V, DType::F32, V::kTileTokens, Fetch::None>(rows, x, tokens, kPairs ? padded(n) : n, sums);
            for (std::int64_t t = 0; t < tokens; ++t)
                put(token + t, row + r, four, panel, sums + 4 * t);
        }
    }
};

// Whether block scales fall on the steps of the loops. A template, so that each level has its own copy.
template <class V>
bool hasRegularBlocks(const WeightView& weight) {
    return weight.scale == nullptr || weight.blockCols >= weight.cols ||
           (weight.blockCols % 32 == 0 && kLinearPanel % weight.blockCols == 0);
}

template <class V>
void linearBlocks(const LinearJob& job) {
    switch (job.weight->dtype) {
    case DType::Q4_0:
        return LinearSimd<V, DType::Q4_0>(job).run();
    case DType::Q4_1:
        return LinearSimd<V, DType::Q4_1>(job).run();
    case DType::Q5_0:
        return LinearSimd<V, DType::Q5_0>(job).run();
    case DType::Q5_1:
        return LinearSimd<V, DType::Q5_1>(job).run();
    case DType::Q8_0:
        return LinearSimd<V, DType::Q8_0>(job).run();
    case DType::Q2_K:
        return LinearSimd<V, DType::Q2_K>(job).run();
    case DType::Q3_K:
        return LinearSimd<V, DType::Q3_K>(job).run();
    case DType::Q4_K:
        return LinearSimd<V, DType::Q4_K>(job).run();
    case DType::Q5_K:
        return LinearSimd<V, DType::Q5_K>(job).run();
    case DType::Q6_K:
        return LinearSimd<V, DType::Q6_K>(job).run();
    case DType::IQ2_XXS:
        return LinearSimd<V, DType::IQ2_XXS>(job).run();
    case DType::IQ4_NL:
        return LinearSimd<V, DType::IQ4_NL>(job).run();
    case DType::IQ4_XS:
        return LinearSimd<V, DType::IQ4_XS>(job).run();
    case DType::MXFP4:
        return LinearSimd<V, DType::MXFP4>(job).run();
    default:
        return LinearSimd<V, DType::NVFP4>(job).run();
    }
}

template <class V>
void linearSimd(const LinearJob& job) {
    if (!hasRegularBlocks<V>(*job.weight)) {
        linearReference(job);
        return;
    }
    switch (job.weight->dtype) {
    case DType::F32:
        return LinearSimd<V, DType::F32>(job).run();
    case DType::BF16:
        return LinearSimd<V, DType::BF16>(job).run();
    case DType::F16:
        return LinearSimd<V, DType::F16>(job).run();
    case DType::F8E4M3:
        return LinearSimd<V, DType::F8E4M3>(job).run();
    case DType::F4E2M1:
        return LinearSimd<V, DType::F4E2M1>(job).run();
    default:
        return linearBlocks<V>(job);
    }
}

} // namespace bathy::kernels
