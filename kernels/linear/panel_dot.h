// The inner loops of Linear over lanes V: up to four weight rows of one panel times up to MostTokens tokens, one chain
// of fused multiply-adds per lane and output. Private to the SIMD files.
#pragma once

#include "kernels/common/weight_view.h"

#include <type_traits>

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
    static constexpr std::int64_t kBits = D == DType::F32 ? 32 : D == DType::F8E4M3 ? 8 : D == DType::F4E2M1 ? 4 : 16;

    const std::byte* data[4];
    std::int64_t segment = 0;      // inputs that share a scale
    std::int64_t ahead = 0;        // bytes from a place to the one to fetch meanwhile
    float scales[4][kPanelScales]; // one for each segment; F4: one for each 32 inputs

    void open(const WeightView& weight, std::int64_t row, std::int64_t count, std::int64_t panel, std::int64_t n) {
        ahead = bytesAhead(weight);
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

    // The hardware's own prefetch stops at pages, and short rows begin a new stream every few hundred cycles: fetch the
    // next four rows when they fit the first-level cache beside these, else further along the same row.
    static std::int64_t bytesAhead(const WeightView& weight) {
        constexpr std::int64_t kMostAhead = 24576;
        return 4 * weight.rowBytes <= kMostAhead ? 4 * weight.rowBytes : 1024;
    }

    // Asks for the cache line of row i that will be needed some time after input k.
    void fetchAhead(int i, std::int64_t k) const {
        _mm_prefetch(reinterpret_cast<const char*>(data[i]) + k * kBits / 8 + ahead, _MM_HINT_T0);
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
        if constexpr (D == DType::F4E2M1)
            for (auto i = (n + 31) / 32; weight.blockCols != 32 && i-- > 0;)
                out[i] = out[i * 32 / weight.blockCols];
        if constexpr (D == DType::F8E4M3) // a NaN weight makes the whole sum NaN
            if (V::anyE4m3Nan(codes, n))
                for (std::int64_t i = 0; i < count; ++i)
                    out[i] = __builtin_nanf("");
    }
};

// How a step of panelDot reads: all lanes, or the last few inputs of a row.
template <class V, DType D>
struct WholeLanes {
    typename V::F x(const float* p) const { return V::load(p); }
    typename V::F weight(const std::byte* row, std::int64_t k) const { return WeightCodec<V, D>::load(row, k); }
};
template <class V, DType D>
struct SomeLanes {
    std::int64_t count;
    typename V::F x(const float* p) const { return V::load(p, count); }
    typename V::F weight(const std::byte* row, std::int64_t k) const { return WeightCodec<V, D>::load(row, k, count); }
};

// `bytes` bytes of e2m1 pairs, at most a vector; fewer than none give zeros.
template <class V>
inline typename V::Pair loadPair(const std::byte* p, std::int64_t bytes, typename V::F scale) {
    if (bytes >= V::kLanes)
        return V::loadE2m1(p, scale);
    return bytes > 0 ? V::loadE2m1(p, bytes, scale) : typename V::Pair{V::zero(), V::zero()};
}

enum class Fetch { None, Ahead }; // whether the rows come from memory or lie in the cache

// sums[t * 4 + r] = sum over the panel of row r times x[t].
template <class V, DType D, int T, Fetch Mode>
inline void panelDot(const PanelRows<V, D>& rows, const float* const* x, std::int64_t n, float* sums) {
    using F = typename V::F;
    using Codec = WeightCodec<V, D>;
    constexpr auto kLanes = V::kLanes;
    F acc[4][T];
    for (int r = 0; r < 4; ++r)
        for (int t = 0; t < T; ++t)
            acc[r][t] = V::zero();
    constexpr std::int64_t kLine = 512 / PanelRows<V, D>::kBits; // inputs in one cache line of a row
    const auto fetch = [&](std::int64_t k) {
        if constexpr (Mode == Fetch::Ahead)
            for (int r = 0; r < 4; ++r)
                rows.fetchAhead(r, k);
    };
    std::int64_t k = 0;
    if constexpr (D == DType::F4E2M1) {
        // x is padded with zeros to whole blocks of 32, each group of two vectors split into even and odd inputs.
        const auto block = [&](std::int64_t at, auto whole) {
            F scale[4];
            for (int r = 0; r < 4; ++r)
                scale[r] = V::set1(rows.scales[r][at / 32]);
            for (auto g = at; g < at + 32; g += 2 * kLanes) {
                for (int r = 0; r < 4; ++r) {
                    const auto w = loadPair<V>(rows.data[r] + g / 2, whole ? kLanes : (n - g) / 2, scale[r]);
                    for (int t = 0; t < T; ++t) {
                        acc[r][t] = V::fma(w.even, V::load(x[t] + g), acc[r][t]);
                        acc[r][t] = V::fma(w.odd, V::load(x[t] + g + kLanes), acc[r][t]);
                    }
                }
            }
        };
        for (; k + kLine <= n; k += kLine) {
            fetch(k);
            for (std::int64_t b = 0; b < kLine; b += 32)
                block(k + b, std::true_type{});
        }
        for (; k + 32 <= n; k += 32)
            block(k, std::true_type{});
        if (k < n)
            block(k, std::false_type{});
    } else {
        F scale[4];
        const auto step = [&](std::int64_t at, auto load) {
            F v[T];
            for (int t = 0; t < T; ++t)
                v[t] = load.x(x[t] + at);
            for (int r = 0; r < 4; ++r) {
                F w = load.weight(rows.data[r], at);
                if constexpr (Codec::kScaled)
                    w = V::mul(w, scale[r]);
                for (int t = 0; t < T; ++t)
                    acc[r][t] = V::fma(w, v[t], acc[r][t]);
            }
        };
        while (k < n) {
            std::int64_t end = n;
            if constexpr (Codec::kScaled) {
                for (int r = 0; r < 4; ++r)
                    scale[r] = V::set1(rows.scales[r][k / rows.segment]);
                end = n - k < rows.segment ? n : k + rows.segment;
            }
            for (; k + kLine <= end; k += kLine) {
                fetch(k);
                for (std::int64_t i = 0; i < kLine; i += kLanes)
                    step(k + i, WholeLanes<V, D>{});
            }
            for (; k + kLanes <= end; k += kLanes)
                step(k, WholeLanes<V, D>{});
            if (k < end) // only at the end of the row: blocks are multiples of the lanes
                step(k, SomeLanes<V, D>{end - k});
            k = end;
        }
    }
    for (int t = 0; t < T; ++t)
        _mm_storeu_ps(sums + 4 * t, V::sums(acc[0][t], acc[1][t], acc[2][t], acc[3][t]));
}

// The same with the number of tokens known at run time only.
template <class V, DType D, int MostTokens, Fetch Mode>
inline void panelDotTokens(const PanelRows<V, D>& rows, const float* const* x, std::int64_t tokens, std::int64_t n,
                           float* sums) {
    if constexpr (MostTokens > 1) {
        if (tokens < MostTokens)
            return panelDotTokens<V, D, MostTokens - 1, Mode>(rows, x, tokens, n, sums);
    }
    panelDot<V, D, MostTokens, Mode>(rows, x, n, sums);
}

// Row i of the panel as floats, not yet multiplied by kGain; F4 in the split order of its inputs, padded with zeros.
template <class V, DType D>
inline void decodePanelRow(const PanelRows<V, D>& rows, int i, std::int64_t n, float* out) {
    using F = typename V::F;
    using Codec = WeightCodec<V, D>;
    constexpr std::int64_t kLine = 512 / PanelRows<V, D>::kBits;
    for (std::int64_t k = 0; k < n; k += kLine)
        rows.fetchAhead(i, k);
    if constexpr (D == DType::F4E2M1) {
        for (std::int64_t k = 0; k < n; k += 32) {
            const F scale = V::set1(rows.scales[i][k / 32]);
            for (auto g = k; g < k + 32; g += 2 * V::kLanes) {
                const auto w = loadPair<V>(rows.data[i] + g / 2, (n - g) / 2, scale);
                V::store(out + g, w.even);
                V::store(out + g + V::kLanes, w.odd);
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
