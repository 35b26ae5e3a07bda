// Quantised products over the level L: how rows meet tokens. See quantized_linear.h for the order of sums. Private to
// the files quantized_linear_<isa>.cpp.
#pragma once

#include "kernels/quantized_linear/large_blocks.h"
#include "kernels/quantized_linear/quantized_linear.h"
#include "kernels/quantized_linear/small_blocks.h"

#include <type_traits>

namespace bathy::kernels {

template <class L, DType D>
class QuantizedLinearSimd {
public:
    explicit QuantizedLinearSimd(const QuantizedLinearJob& job) : m_job(job), m_weight(*job.weight) {}

    void run() {
        if (m_weight.scale != nullptr)
            __builtin_memcpy(&m_scale, m_weight.scale, sizeof m_scale);
        for (auto row = m_job.rowBegin; row < m_job.rowEnd; row += kTileRows) {
            const auto end = m_job.rowEnd - row < kTileRows ? m_job.rowEnd : row + kTileRows;
            for (std::int64_t t = 0; t < m_job.tokens; t += kMostTokens)
                tile<kMostTokens>(row, end, t, m_job.tokens - t);
        }
    }

private:
    static constexpr bool kLarge = D >= DType::Q2_K && D <= DType::IQ4_XS && D != DType::IQ4_NL;
    using Block = std::conditional_t<kLarge, LargeBlock<L, D>, SmallBlock<L, D>>;
    static constexpr int kMostTokens = 4;
    // Rows whose bytes stay in the first-level cache while they meet all tokens.
    static constexpr std::int64_t kTileRows = 16;
    // Prefetching by the hardware stops at pages.
    static constexpr std::int64_t kBytesAhead = 2048;
    static constexpr std::int64_t kCacheLine = 64;

    const QuantizedLinearJob& m_job;
    const WeightView& m_weight;
    float m_scale = 1.0f;

    QuantizedRow xRow(std::int64_t token) const {
        const auto* bytes = m_job.x + (m_job.xRows ? m_job.xRows[token] : token) * m_job.xStride;
        return QuantizedRow(kLarge ? QuantizedGroups::Groups256 : QuantizedGroups::Groups32, m_weight.cols,
                            const_cast<std::byte*>(bytes)); // only read
    }

    // Rows [row, end) times `left` tokens from `token` on, at most T.
    template <int T>
    void tile(std::int64_t row, std::int64_t end, std::int64_t token, std::int64_t left) const {
        if constexpr (T > 1) {
            if (left < T)
                return tile<T - 1>(row, end, token, left);
        }
        dots<T>(row, end, token, std::make_integer_sequence<int, T>{});
    }

    template <int T, int... I>
    void dots(std::int64_t row, std::int64_t end, std::int64_t token, std::integer_sequence<int, I...>) const {
        const QuantizedRow x[T] = {xRow(token + I)...};
        for (; row < end; ++row) {
            const auto* bytes = m_weight.data + row * m_weight.rowBytes;
            ByteSums sums[T];
            for (int t = 0; t < T; ++t)
                sums[t] = ByteSums::zero();
            const auto blocks = m_weight.cols / Block::kElements;
            std::int64_t i = 0;
            for (; Block::kAlternates && i + 2 <= blocks; i += 2) {
                add<T, false>(bytes + i * Block::kBytes, x, i, sums);
                add<T, true>(bytes + (i + 1) * Block::kBytes, x, i + 1, sums);
            }
            for (; i < blocks; ++i)
                add<T, false>(bytes + i * Block::kBytes, x, i, sums);
            for (int t = 0; t < T; ++t)
                put(token + t, row, sums[t]);
        }
    }

    template <int T, bool Odd>
    [[gnu::always_inline]] static void add(const std::byte* bytes, const QuantizedRow* x, std::int64_t i,
                                           ByteSums* sums) {
        for (std::int64_t line = 0; line < Block::kBytes; line += kCacheLine)
            _mm_prefetch(reinterpret_cast<const char*>(bytes) + line + kBytesAhead, _MM_HINT_T0);
        const Block block(bytes);
        for (int t = 0; t < T; ++t)
            block.template addTo<Odd>(sums[t], x[t], i);
    }

    // (0 + 2) + (1 + 3)
    static float addFour(__m128 v) {
        v = _mm_add_ps(v, _mm_movehl_ps(v, v));
        return _mm_cvtss_f32(_mm_add_ss(v, _mm_movehdup_ps(v)));
    }

    void put(std::int64_t token, std::int64_t row, const ByteSums& sums) const {
        const __m256 lanes = Block::kAlternates ? _mm256_add_ps(sums.lanes, sums.odd) : sums.lanes;
        float value = addFour(_mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps(lanes, 1)));
        if constexpr (Block::kOwnSums)
            value += addFour(sums.own);
        value *= m_scale;
        const float gained = m_job.gains ? value * m_job.gains[token] : value;
        auto& y = m_job.y[(m_job.yRows ? m_job.yRows[token] : token) * m_job.yStride + row - m_job.rowBegin];
        y = m_job.accumulate ? y + gained : gained;
    }
};

template <class L>
void quantizedLinearSimd(const QuantizedLinearJob& job) {
    switch (job.weight->dtype) {
    case DType::Q4_0:
        return QuantizedLinearSimd<L, DType::Q4_0>(job).run();
    case DType::Q4_1:
        return QuantizedLinearSimd<L, DType::Q4_1>(job).run();
    case DType::Q5_0:
        return QuantizedLinearSimd<L, DType::Q5_0>(job).run();
    case DType::Q5_1:
        return QuantizedLinearSimd<L, DType::Q5_1>(job).run();
    case DType::Q8_0:
        return QuantizedLinearSimd<L, DType::Q8_0>(job).run();
    case DType::Q2_K:
        return QuantizedLinearSimd<L, DType::Q2_K>(job).run();
    case DType::Q3_K:
        return QuantizedLinearSimd<L, DType::Q3_K>(job).run();
    case DType::Q4_K:
        return QuantizedLinearSimd<L, DType::Q4_K>(job).run();
    case DType::Q5_K:
        return QuantizedLinearSimd<L, DType::Q5_K>(job).run();
    case DType::Q6_K:
        return QuantizedLinearSimd<L, DType::Q6_K>(job).run();
    case DType::IQ2_XXS:
        return QuantizedLinearSimd<L, DType::IQ2_XXS>(job).run();
    case DType::IQ4_NL:
        return QuantizedLinearSimd<L, DType::IQ4_NL>(job).run();
    case DType::IQ4_XS:
        return QuantizedLinearSimd<L, DType::IQ4_XS>(job).run();
    case DType::MXFP4:
        return QuantizedLinearSimd<L, DType::MXFP4>(job).run();
    default:
        return QuantizedLinearSimd<L, DType::NVFP4>(job).run();
    }
}

} // namespace bathy::kernels
