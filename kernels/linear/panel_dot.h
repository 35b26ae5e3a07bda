// The inner loops of Linear over lanes V: up to four weight rows of one panel times up to MostTokens tokens, one chain
// of fused multiply-adds per lane and output. Private to the SIMD files.
#pragma once

#include "kernels/common/weight_view.h"

namespace bathy::kernels {

inline constexpr std::int64_t kPanelScales = 1024 / 32;

// How N stored values become floats. kGain is what the decoded values still have to be multiplied by.
template <class V, DType D>
struct WeightCodec;

template <class V>
struct WeightCodec<V, DType::F32> {
    static constexpr float kGain = 1.0f;
    static constexpr bool kScaled = false;
    static typename V::F load(const std::byte* row, std::int64_t k) {
        return V::load(reinterpret_cast<const float*>(row + 4 * k));
    }
    static typename V::F load(const std::byte* row, std::int64_t k, std::int64_t n) {
        return V::load(reinterpret_cast<const float*>(row + 4 * k), n);
    }
};

template <class V>
struct WeightCodec<V, DType::BF16> {
    static constexpr float kGain = 1.0f;
    static constexpr bool kScaled = false;
    static typename V::F load(const std::byte* row, std::int64_t k) { return V::loadBf16(row + 2 * k); }
    static typename V::F load(const std::byte* row, std::int64_t k, std::int64_t n) {
        return V::loadBf16(row + 2 * k, n);
    }
};

template <class V>
struct WeightCodec<V, DType::F16> {
    static constexpr float kGain = 1.0f;
    static constexpr bool kScaled = false;
    static typename V::F load(const std::byte* row, std::int64_t k) { return V::loadF16(row + 2 * k); }
    static typename V::F load(const std::byte* row, std::int64_t k, std::int64_t n) {
        return V::loadF16(row + 2 * k, n);
    }
};

template <class V>
struct WeightCodec<V, DType::F8E4M3> {
    static constexpr float kGain = 256.0f;
    static constexpr bool kScaled = true;
    static typename V::F load(const std::byte* row, std::int64_t k) { return V::loadE4m3(row + k); }
    static typename V::F load(const std::byte* row, std::int64_t k, std::int64_t n) { return V::loadE4m3(row + k, n); }
};

template <class V>
struct WeightCodec<V, DType::F4E2M1> {
    static constexpr float kGain = 1.0f;
    static constexpr bool kScaled = true;
};

// Up to four rows at the start of a panel, with their scales as floats. Missing rows repeat the first.
template <class V, DType D>
struct PanelRows {
    const std::byte* data[4];
    std::int64_t segment = 0; // inputs that share a scale
    float scales[4][kPanelScales];

    void open(const WeightView& weight, std::int64_t row, std::int64_t count, std::int64_t panel, std::int64_t n) {
        constexpr std::int64_t kBits = D == DType::F32 ? 32 : D == DType::F8E4M3 ? 8 : D == DType::F4E2M1 ? 4 : 16;
        segment = weight.blockCols;
        for (std::int64_t i = 0; i < 4; ++i) {
            const auto r = i < count ? row + i : row;
            data[i] = weight.data + r * weight.rowBytes + panel * kBits / 8;
            if constexpr (WeightCodec<V, D>::kScaled)
                openScales(weight, r, panel, n, data[i], scales[i]);
        }
    }

    void openFloats(const float* rows, std::int64_t stride, std::int64_t count) {
        for (std::int64_t i = 0; i < 4; ++i)
            data[i] = reinterpret_cast<const std::byte*>(rows + (i < count ? i : 0) * stride);
    }

private:
    static void openScales(const WeightView& weight, std::int64_t row, std::int64_t panel, std::int64_t n,
                           const std::byte* codes, float* out) {
        const auto first = row / weight.blockRows * weight.scaleCols() + panel / weight.blockCols;
        const auto count = (n + weight.blockCols - 1) / weight.blockCols;
        for (std::int64_t i = 0; i < count; i += V::kLanes) {
            const auto lanes = count - i < V::kLanes ? count - i : V::kLanes;
            V::store(out + i,
                     weight.scaleDtype == DType::F32
                         ? V::load(reinterpret_cast<const float*>(weight.scale + 4 * (first + i)), lanes)
                         : V::loadE8m0(weight.scale + first + i, lanes),
                     lanes);
        }
        if constexpr (D == DType::F8E4M3) // a NaN weight makes the whole sum NaN
            if (V::anyE4m3Nan(codes, n))
                for (std::int64_t i = 0; i < count; ++i)
                    out[i] = __builtin_nanf("");
    }
};

// sums[t * 4 + r] = sum over the panel of row r times x[t].
template <class V, DType D, int T>
inline void panelDot(const PanelRows<V, D>& rows, const float* const* x, std::int64_t n, float* sums) {
    using F = typename V::F;
    using Codec = WeightCodec<V, D>;
    constexpr auto kLanes = V::kLanes;
    F acc[4][T];
    for (int r = 0; r < 4; ++r)
        for (int t = 0; t < T; ++t)
            acc[r][t] = V::zero();
    if constexpr (D == DType::F4E2M1) {
        // x is padded with zeros to whole groups, each group split into even and odd inputs.
        constexpr auto kGroup = 2 * kLanes;
        for (std::int64_t k = 0; k < n;) {
            const auto segmentIndex = k / rows.segment;
            const auto end = n - k < rows.segment ? n : k + rows.segment;
            F scale[4];
            for (int r = 0; r < 4; ++r)
                scale[r] = V::set1(rows.scales[r][segmentIndex]);
            for (; k < end; k += kGroup) {
                const bool whole = k + kGroup <= n;
                for (int r = 0; r < 4; ++r) {
                    const auto w = whole ? V::loadE2m1(rows.data[r] + k / 2, scale[r])
                                         : V::loadE2m1(rows.data[r] + k / 2, (n - k) / 2, scale[r]);
                    for (int t = 0; t < T; ++t) {
                        acc[r][t] = V::fma(w.even, V::load(x[t] + k), acc[r][t]);
                        acc[r][t] = V::fma(w.odd, V::load(x[t] + k + kLanes), acc[r][t]);
                    }
                }
            }
        }
    } else {
        for (std::int64_t k = 0; k < n;) {
            std::int64_t end = n;
            F scale[4];
            if constexpr (Codec::kScaled) {
                const auto segmentIndex = k / rows.segment;
                end = n - k < rows.segment ? n : k + rows.segment;
                for (int r = 0; r < 4; ++r)
                    scale[r] = V::set1(rows.scales[r][segmentIndex]);
            }
            for (; k + kLanes <= end; k += kLanes) {
                F v[T];
                for (int t = 0; t < T; ++t)
                    v[t] = V::load(x[t] + k);
                for (int r = 0; r < 4; ++r) {
                    F w = Codec::load(rows.data[r], k);
                    if constexpr (Codec::kScaled)
                        w = V::mul(w, scale[r]);
                    for (int t = 0; t < T; ++t)
                        acc[r][t] = V::fma(w, v[t], acc[r][t]);
                }
            }
            if (k < end) { // only at the end of the row: blocks are multiples of the lanes
                const auto left = end - k;
                for (int r = 0; r < 4; ++r) {
                    F w = Codec::load(rows.data[r], k, left);
                    if constexpr (Codec::kScaled)
                        w = V::mul(w, scale[r]);
                    for (int t = 0; t < T; ++t)
                        acc[r][t] = V::fma(w, V::load(x[t] + k, left), acc[r][t]);
                }
                k = end;
            }
        }
    }
    for (int t = 0; t < T; ++t)
        _mm_storeu_ps(sums + 4 * t, V::sums(acc[0][t], acc[1][t], acc[2][t], acc[3][t]));
}

// The same with the number of tokens known at run time only.
template <class V, DType D, int MostTokens>
inline void panelDotTokens(const PanelRows<V, D>& rows, const float* const* x, std::int64_t tokens, std::int64_t n,
                           float* sums) {
    if constexpr (MostTokens > 1) {
        if (tokens < MostTokens)
            return panelDotTokens<V, D, MostTokens - 1>(rows, x, tokens, n, sums);
    }
    panelDot<V, D, MostTokens>(rows, x, n, sums);
}

// Row i of the panel as floats, not yet multiplied by kGain; F4 in the split order of its inputs, padded with zeros.
template <class V, DType D>
inline void decodePanelRow(const PanelRows<V, D>& rows, int i, std::int64_t n, float* out) {
    using F = typename V::F;
    using Codec = WeightCodec<V, D>;
    if constexpr (D == DType::F4E2M1) {
        constexpr auto kGroup = 2 * V::kLanes;
        const auto padded = (n + 31) / 32 * 32;
        for (std::int64_t segment = 0; segment < padded; segment += 32) {
            const F scale = V::set1(rows.scales[i][segment / rows.segment]);
            for (auto k = segment; k < segment + 32; k += kGroup) {
                typename V::Pair w{V::zero(), V::zero()};
                if (k + kGroup <= n)
                    w = V::loadE2m1(rows.data[i] + k / 2, scale);
                else if (k < n)
                    w = V::loadE2m1(rows.data[i] + k / 2, (n - k) / 2, scale);
                V::store(out + k, w.even);
                V::store(out + k + V::kLanes, w.odd);
            }
        }
    } else {
        for (std::int64_t k = 0; k < n;) {
            std::int64_t end = n;
            F scale = V::zero();
            if constexpr (Codec::kScaled) {
                scale = V::set1(rows.scales[i][k / rows.segment]);
                end = n - k < rows.segment ? n : k + rows.segment;
            }
            for (; k < end; k += V::kLanes) {
                const auto left = end - k;
                F w = left >= V::kLanes ? Codec::load(rows.data[i], k) : Codec::load(rows.data[i], k, left);
                if constexpr (Codec::kScaled)
                    w = V::mul(w, scale);
                V::store(out + k, w); // the tile's rows are whole panels: room for the padding
            }
        }
    }
}

} // namespace bathy::kernels
