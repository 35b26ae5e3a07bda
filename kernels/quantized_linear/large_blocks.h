// Blocks of 256 elements in registers and their product with a group of activations; see quantized_linear.h for the
// order of sums. Private to the SIMD files.
#pragma once

#include "kernels/quantized_linear/byte_ops.h"
#include "kernels/quantized_linear/quantized_rows.h"

namespace bathy::kernels {

// What the readers of the types fill in.
struct LargeParts {
    __m256i code[8];  // 32 bytes each
    __m256i scale[8]; // for each of them sixteen 16-bit numbers: those of the pairs of elements
    __m256i min;      // sixteen 16-bit numbers, what the sums of activations are multiplied by
    float d = 0;
    float minimum = 0; // dmin with its sign turned
};

template <class L, DType D>
struct LargeReader;

template <class L>
struct LargeReader<L, DType::Q2_K> {
    static constexpr std::int64_t kBytes = 84;
    static constexpr bool kSigned = false;
    static constexpr int kOffsetShift = 0;
    static constexpr bool kMinimum = true;
    using Ops = ByteOps<L>;
    template <int N>
    [[gnu::always_inline]] static void readHalf(const std::byte* b, __m256i scales, LargeParts& p) {
        const auto q = Ops::load(b + 16 + 32 * N);
        p.code[4 * N] = Ops::template field<0, 3>(q);
        p.code[4 * N + 1] = Ops::template field<2, 3>(q);
        p.code[4 * N + 2] = Ops::template field<4, 3>(q);
        p.code[4 * N + 3] = Ops::template field<6, 3>(q);
        p.scale[4 * N] = Ops::template spreadPair<0, 1>(scales);
        p.scale[4 * N + 1] = Ops::template spreadPair<2, 3>(scales);
        p.scale[4 * N + 2] = Ops::template spreadPair<4, 5>(scales);
        p.scale[4 * N + 3] = Ops::template spreadPair<6, 7>(scales);
    }
    [[gnu::always_inline]] static void read(const std::byte* b, LargeParts& p) {
        const __m128i both = Ops::load16(b);
        const __m128i four = _mm_set1_epi8(15);
        const __m256i scales = _mm256_cvtepu8_epi16(_mm_and_si128(both, four));
        p.min = _mm256_cvtepu8_epi16(_mm_and_si128(_mm_srli_epi16(both, 4), four));
        readHalf<0>(b, Ops::both(_mm256_castsi256_si128(scales)), p);
        readHalf<1>(b, Ops::both(_mm256_extracti128_si256(scales, 1)), p);
        p.d = Ops::half(b + 80);
        p.minimum = -Ops::half(b + 82);
    }
};

// Sixteen scales of 16 bits to the pairs of elements of eight groups of 32, two scales each.
template <class L>
[[gnu::always_inline]] inline void spreadSixteen(__m256i scales, LargeParts& p) {
    using Ops = ByteOps<L>;
    const __m256i low = Ops::both(_mm256_castsi256_si128(scales));
    const __m256i high = Ops::both(_mm256_extracti128_si256(scales, 1));
    p.scale[0] = Ops::template spreadPair<0, 1>(low);
    p.scale[1] = Ops::template spreadPair<2, 3>(low);
    p.scale[2] = Ops::template spreadPair<4, 5>(low);
    p.scale[3] = Ops::template spreadPair<6, 7>(low);
    p.scale[4] = Ops::template spreadPair<0, 1>(high);
    p.scale[5] = Ops::template spreadPair<2, 3>(high);
    p.scale[6] = Ops::template spreadPair<4, 5>(high);
    p.scale[7] = Ops::template spreadPair<6, 7>(high);
}

// Eight scales of 16 bits, one for each group of 32.
template <class L>
[[gnu::always_inline]] inline void spreadEight(__m128i scales, LargeParts& p) {
    using Ops = ByteOps<L>;
    const __m256i all = Ops::both(scales);
    p.scale[0] = Ops::template spreadPair<0, 0>(all);
    p.scale[1] = Ops::template spreadPair<1, 1>(all);
    p.scale[2] = Ops::template spreadPair<2, 2>(all);
    p.scale[3] = Ops::template spreadPair<3, 3>(all);
    p.scale[4] = Ops::template spreadPair<4, 4>(all);
    p.scale[5] = Ops::template spreadPair<5, 5>(all);
    p.scale[6] = Ops::template spreadPair<6, 6>(all);
    p.scale[7] = Ops::template spreadPair<7, 7>(all);
}

template <class L>
struct LargeReader<L, DType::Q3_K> {
    static constexpr std::int64_t kBytes = 110;
    static constexpr bool kSigned = true;
    static constexpr int kOffsetShift = 0;
    static constexpr bool kMinimum = false;
    using Ops = ByteOps<L>;
    template <int N, int G>
    [[gnu::always_inline]] static __m256i codes(__m256i two, __m256i high) {
        const auto seven =
            _mm256_or_si256(Ops::template field<2 * G, 3>(two), Ops::template moveBit<4 * N + G, 2>(high));
        return _mm256_sub_epi8(seven, _mm256_set1_epi8(4));
    }
    // Sixteen six-bit scales: four low bits by nibbles, two high ones by quarters of the last word.
    static __m256i scales(const std::byte* p) {
        const auto w0 = Ops::word(p);
        const auto w1 = Ops::word(p + 4);
        const auto w2 = Ops::word(p + 8);
        const __m128i six = _mm_setr_epi32(static_cast<int>((w0 & 0x0f0f0f0fu) | (w2 << 4 & 0x30303030u)),
                                           static_cast<int>((w1 & 0x0f0f0f0fu) | (w2 << 2 & 0x30303030u)),
                                           static_cast<int>((w0 >> 4 & 0x0f0f0f0fu) | (w2 & 0x30303030u)),
                                           static_cast<int>((w1 >> 4 & 0x0f0f0f0fu) | (w2 >> 2 & 0x30303030u)));
        return _mm256_cvtepi8_epi16(_mm_sub_epi8(six, _mm_set1_epi8(32)));
    }
    [[gnu::always_inline]] static void read(const std::byte* b, LargeParts& p) {
        const auto high = Ops::load(b);
        const auto q0 = Ops::load(b + 32);
        const auto q1 = Ops::load(b + 64);
        p.code[0] = codes<0, 0>(q0, high);
        p.code[1] = codes<0, 1>(q0, high);
        p.code[2] = codes<0, 2>(q0, high);
        p.code[3] = codes<0, 3>(q0, high);
        p.code[4] = codes<1, 0>(q1, high);
        p.code[5] = codes<1, 1>(q1, high);
        p.code[6] = codes<1, 2>(q1, high);
        p.code[7] = codes<1, 3>(q1, high);
        spreadSixteen<L>(scales(b + 96), p);
        p.d = Ops::half(b + 108);
    }
};

// The eight pairs of six bits in the twelve bytes of Q4_K and Q5_K.
template <class L>
[[gnu::always_inline]] inline void readSixBits(const std::byte* b, LargeParts& p) {
    using Ops = ByteOps<L>;
    const auto s0 = Ops::word(b + 4);
    const auto s1 = Ops::word(b + 8);
    const auto s2 = Ops::word(b + 12);
    const std::uint32_t high[2] = {(s2 & 0x0f0f0f0fu) | (s0 >> 2 & 0x30303030u),
                                   (s2 >> 4 & 0x0f0f0f0fu) | (s1 >> 2 & 0x30303030u)};
    const __m128i all =
        _mm_setr_epi32(static_cast<int>(s0 & 0x3f3f3f3fu), static_cast<int>(high[0]),
                       static_cast<int>(s1 & 0x3f3f3f3fu), static_cast<int>(high[1])); // scales, then mins
    spreadEight<L>(_mm_cvtepu8_epi16(all), p);
    p.min = _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(all, all)); // of each sixteen elements
    p.d = Ops::half(b);
    p.minimum = -Ops::half(b + 2);
}

template <class L>
struct LargeReader<L, DType::Q4_K> {
    static constexpr std::int64_t kBytes = 144;
    static constexpr bool kSigned = false;
    static constexpr int kOffsetShift = 0;
    static constexpr bool kMinimum = true;
    using Ops = ByteOps<L>;
    [[gnu::always_inline]] static void read(const std::byte* b, LargeParts& p) {
        for (int i = 0; i < 4; ++i) {
            const auto q = Ops::load(b + 16 + 32 * i);
            p.code[2 * i] = Ops::template field<0, 15>(q);
            p.code[2 * i + 1] = Ops::template field<4, 15>(q);
        }
        readSixBits<L>(b, p);
    }
};

template <class L>
struct LargeReader<L, DType::Q5_K> {
    static constexpr std::int64_t kBytes = 176;
    static constexpr bool kSigned = false;
    static constexpr int kOffsetShift = 0;
    static constexpr bool kMinimum = true;
    using Ops = ByteOps<L>;
    template <int I>
    [[gnu::always_inline]] static void sixtyFour(const std::byte* b, __m256i high, LargeParts& p) {
        const auto q = Ops::load(b + 48 + 32 * I);
        p.code[2 * I] = _mm256_or_si256(Ops::template field<0, 15>(q), Ops::template moveBit<2 * I, 4>(high));
        p.code[2 * I + 1] = _mm256_or_si256(Ops::template field<4, 15>(q), Ops::template moveBit<2 * I + 1, 4>(high));
    }
    [[gnu::always_inline]] static void read(const std::byte* b, LargeParts& p) {
        const auto high = Ops::load(b + 16);
        sixtyFour<0>(b, high, p);
        sixtyFour<1>(b, high, p);
        sixtyFour<2>(b, high, p);
        sixtyFour<3>(b, high, p);
        readSixBits<L>(b, p);
    }
};

template <class L>
struct LargeReader<L, DType::Q6_K> {
    static constexpr std::int64_t kBytes = 210;
    static constexpr bool kSigned = false;
    static constexpr int kOffsetShift = 5; // codes stand 32 too high
    static constexpr bool kMinimum = false;
    using Ops = ByteOps<L>;
    template <int N>
    [[gnu::always_inline]] static void readHalf(const std::byte* b, LargeParts& p) {
        const auto q0 = Ops::load(b + 64 * N);
        const auto q1 = Ops::load(b + 64 * N + 32);
        const auto high = Ops::load(b + 128 + 32 * N);
        const auto at = [&](__m256i low, __m256i two) { return _mm256_or_si256(low, two); };
        p.code[4 * N] = at(Ops::template field<0, 15>(q0), _mm256_slli_epi16(Ops::template field<0, 3>(high), 4));
        p.code[4 * N + 1] = at(Ops::template field<0, 15>(q1), _mm256_slli_epi16(Ops::template field<0, 12>(high), 2));
        p.code[4 * N + 2] = at(Ops::template field<4, 15>(q0), Ops::template field<0, 48>(high));
        p.code[4 * N + 3] = at(Ops::template field<4, 15>(q1), Ops::template field<2, 48>(high));
    }
    [[gnu::always_inline]] static void read(const std::byte* b, LargeParts& p) {
        readHalf<0>(b, p);
        readHalf<1>(b, p);
        p.min = _mm256_cvtepi8_epi16(Ops::load16(b + 192));
        spreadSixteen<L>(p.min, p);
        p.d = Ops::half(b + 208);
    }
};

template <class L>
struct LargeReader<L, DType::IQ2_XXS> {
    static constexpr std::int64_t kBytes = 66;
    static constexpr bool kSigned = true;
    static constexpr int kOffsetShift = 0;
    static constexpr bool kMinimum = false;
    using Ops = ByteOps<L>;
    static std::uint32_t signs(std::uint32_t seven) { // the eighth makes their number even
        return seven | static_cast<std::uint32_t>(__builtin_parity(seven)) << 7;
    }
    [[gnu::always_inline]] static void read(const std::byte* b, LargeParts& p) {
        const auto* grid = kIq2XxsGrid;
        for (int i = 0; i < 8; ++i) {
            const auto* g = b + 2 + 8 * i;
            const auto w = Ops::word(g + 4);
            const __m256i values = _mm256_setr_epi64x(
                static_cast<long long>(grid[Ops::byte(g)]), static_cast<long long>(grid[Ops::byte(g + 1)]),
                static_cast<long long>(grid[Ops::byte(g + 2)]), static_cast<long long>(grid[Ops::byte(g + 3)]));
            const __m256i negative = Ops::spread(signs(w & 127) | signs(w >> 7 & 127) << 8 |
                                                 signs(w >> 14 & 127) << 16 | signs(w >> 21 & 127) << 24);
            p.code[i] = _mm256_sub_epi8(_mm256_xor_si256(values, negative), negative);
            p.scale[i] = _mm256_set1_epi16(static_cast<short>(2 * (w >> 28) + 1));
        }
        p.d = Ops::half(b) * 0.125f;
    }
};

template <class L>
struct LargeReader<L, DType::IQ4_XS> {
    static constexpr std::int64_t kBytes = 136;
    static constexpr bool kSigned = true;
    static constexpr int kOffsetShift = 0;
    static constexpr bool kMinimum = false;
    using Ops = ByteOps<L>;
    [[gnu::always_inline]] static void read(const std::byte* b, LargeParts& p) {
        const int scalesHigh = Ops::byte(b + 2) | Ops::byte(b + 3) << 8;
        for (int i = 0; i < 8; ++i) {
            const int low = Ops::byte(b + 4 + i / 2) >> (i % 2 * 4) & 15;
            const int high = scalesHigh >> (2 * i) & 3;
            p.code[i] = Ops::look(kIq4Values, Ops::nibbles(b + 8 + 16 * i));
            p.scale[i] = _mm256_set1_epi16(static_cast<short>((low | high << 4) - 32));
        }
        p.d = Ops::half(b);
    }
};

template <class L, DType D>
struct LargeBlock {
    using Reader = LargeReader<L, D>;
    using Ops = ByteOps<L>;
    static constexpr std::int64_t kElements = 256;
    static constexpr std::int64_t kBytes = Reader::kBytes;
    static constexpr bool kAlternates = false;
    static constexpr bool kOwnSums = D == DType::Q4_K || D == DType::Q5_K;

    LargeParts parts;

    [[gnu::always_inline]] explicit LargeBlock(const std::byte* b) { Reader::read(b, parts); }

    template <bool Odd>
    [[gnu::always_inline]] void addTo(ByteSums& sums, const QuantizedRow& x, std::int64_t group) const {
        __m256i whole = _mm256_setzero_si256();
        for (int i = 0; i < 8; ++i) {
            const __m256i q = Ops::load(x.values + 256 * group + 32 * i);
            const __m256i pairs = Reader::kSigned ? _mm256_maddubs_epi16(_mm256_abs_epi8(parts.code[i]),
                                                                         _mm256_sign_epi8(q, parts.code[i]))
                                                  : _mm256_maddubs_epi16(parts.code[i], q);
            whole = L::addScaled(whole, pairs, parts.scale[i]);
        }
        const float s = x.scales[group];
        if constexpr (Reader::kMinimum || Reader::kOffsetShift > 0) {
            const __m256i m = _mm256_madd_epi16(parts.min, Ops::load(x.sums16 + 16 * group));
            if constexpr (Reader::kMinimum)
                addMinimum(sums, parts.minimum * s, m);
            else
                whole = _mm256_sub_epi32(whole, _mm256_slli_epi32(m, Reader::kOffsetShift));
        }
        sums.lanes = _mm256_fmadd_ps(_mm256_set1_ps(parts.d * s), _mm256_cvtepi32_ps(whole), sums.lanes);
    }

private:
    [[gnu::always_inline]] static void addMinimum(ByteSums& sums, float factor, __m256i m) {
        if constexpr (D == DType::Q2_K) {
            sums.lanes = _mm256_fmadd_ps(_mm256_set1_ps(factor), _mm256_cvtepi32_ps(m), sums.lanes);
        } else {
            // Neighbours of both halves: 0 + 1, 2 + 3, 4 + 5, 6 + 7.
            const __m128i two = _mm_hadd_epi32(_mm256_castsi256_si128(m), _mm256_extracti128_si256(m, 1));
            if constexpr (D == DType::Q4_K) {
                sums.own = _mm_fmadd_ps(_mm_set1_ps(factor), _mm_cvtepi32_ps(two), sums.own);
            } else {
                const __m128i four = _mm_add_epi32(two, _mm_shuffle_epi32(two, 0x4e));
                const __m128i all = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1));
                sums.own = _mm_fmadd_ss(_mm_set_ss(factor), _mm_cvtepi32_ps(all), sums.own);
            }
        }
    }
};

} // namespace bathy::kernels
