// Decoding of GGUF blocks over lanes V, sixteen elements at a time: integers of at most eight bits are put together in
// a 16-byte register, which both levels have, and become floats in one step. The same bits as kernels/common/
// block_formats.h, because every product before the last rounding is exact there. Private to the SIMD files.
#pragma once

#include "kernels/common/block_tables.h"
#include "kernels/common/weight_view.h"

namespace bathy::kernels {

template <class V>
struct BlockBits {
    using B = __m128i;
    static B load(const std::byte* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
    static B load8(const std::byte* p) { return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)); }
    static std::uint32_t word(const std::byte* p) {
        std::uint32_t bits = 0;
        __builtin_memcpy(&bits, p, 4);
        return bits;
    }
    static int byte(const std::byte* p) { return static_cast<unsigned char>(*p); }
    static float half(const std::byte* p) {
        std::uint16_t bits = 0;
        __builtin_memcpy(&bits, p, 2);
        return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(bits)));
    }
    static float bits(std::uint32_t value) {
        return _mm_cvtss_f32(_mm_castsi128_ps(_mm_cvtsi32_si128(static_cast<int>(value))));
    }

    // Bits [shift, shift + width) of each byte.
    template <int Shift, int Mask>
    static B field(B v) {
        return _mm_and_si128(_mm_srli_epi16(v, Shift), _mm_set1_epi8(Mask));
    }
    static B low(B v) { return field<0, 15>(v); }
    static B high(B v) { return field<4, 15>(v); }
    // 0xFF in byte i where bit i of `mask` is set.
    static B spread(std::uint32_t mask) {
        const B copies = _mm_shuffle_epi8(_mm_cvtsi32_si128(static_cast<int>(mask)),
                                          _mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1));
        const B single = _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
        return _mm_cmpeq_epi8(_mm_and_si128(copies, single), single);
    }
    // 0xFF in the bytes whose bit Bit is set.
    template <int Bit>
    static B whereBit(B v) {
        const B single = _mm_set1_epi8(static_cast<char>(1 << Bit));
        return _mm_cmpeq_epi8(_mm_and_si128(v, single), single);
    }
    static B look(const std::int8_t* table, B codes) {
        return _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table)), codes);
    }
};

template <class V, DType D>
struct BlockCodec;

template <class V>
struct BlockCodec<V, DType::Q4_0> {
    static constexpr std::int64_t kElements = 32;
    static constexpr std::int64_t kBytes = 18;
    using Bits = BlockBits<V>;
    static void decode(const std::byte* b, float* y) {
        const auto d = V::set1(Bits::half(b));
        const auto qs = Bits::load(b + 2);
        const auto eight = _mm_set1_epi8(8);
        V::storeBytes(y, _mm_sub_epi8(Bits::low(qs), eight), d);
        V::storeBytes(y + 16, _mm_sub_epi8(Bits::high(qs), eight), d);
    }
};

template <class V>
struct BlockCodec<V, DType::Q4_1> {
    static constexpr std::int64_t kElements = 32;
    static constexpr std::int64_t kBytes = 20;
    using Bits = BlockBits<V>;
    static void decode(const std::byte* b, float* y) {
        const auto d = V::set1(Bits::half(b));
        const auto m = V::set1(Bits::half(b + 2));
        const auto qs = Bits::load(b + 4);
        V::storeBytes(y, Bits::low(qs), d, m);
        V::storeBytes(y + 16, Bits::high(qs), d, m);
    }
};

template <class V>
struct BlockCodec<V, DType::Q5_0> {
    static constexpr std::int64_t kElements = 32;
    static constexpr std::int64_t kBytes = 22;
    using Bits = BlockBits<V>;
    static void decode(const std::byte* b, float* y) {
        const auto d = V::set1(Bits::half(b));
        const auto high = Bits::word(b + 2);
        const auto qs = Bits::load(b + 6);
        // Without the fifth bit 16 less: the nibble with its upper bits set.
        const auto less = _mm_set1_epi8(static_cast<char>(0xf0));
        V::storeBytes(y, _mm_or_si128(Bits::low(qs), _mm_andnot_si128(Bits::spread(high), less)), d);
        V::storeBytes(y + 16, _mm_or_si128(Bits::high(qs), _mm_andnot_si128(Bits::spread(high >> 16), less)), d);
    }
};

template <class V>
struct BlockCodec<V, DType::Q5_1> {
    static constexpr std::int64_t kElements = 32;
    static constexpr std::int64_t kBytes = 24;
    using Bits = BlockBits<V>;
    static void decode(const std::byte* b, float* y) {
        const auto d = V::set1(Bits::half(b));
        const auto m = V::set1(Bits::half(b + 2));
        const auto high = Bits::word(b + 4);
        const auto qs = Bits::load(b + 8);
        const auto fifth = _mm_set1_epi8(16);
        V::storeBytes(y, _mm_or_si128(Bits::low(qs), _mm_and_si128(Bits::spread(high), fifth)), d, m);
        V::storeBytes(y + 16, _mm_or_si128(Bits::high(qs), _mm_and_si128(Bits::spread(high >> 16), fifth)), d, m);
    }
};

template <class V>
struct BlockCodec<V, DType::Q8_0> {
    static constexpr std::int64_t kElements = 32;
    static constexpr std::int64_t kBytes = 34;
    using Bits = BlockBits<V>;
    static void decode(const std::byte* b, float* y) {
        const auto d = V::set1(Bits::half(b));
        V::storeBytes(y, Bits::load(b + 2), d);
        V::storeBytes(y + 16, Bits::load(b + 18), d);
    }
};

template <class V>
struct BlockCodec<V, DType::Q2_K> {
    static constexpr std::int64_t kElements = 256;
    static constexpr std::int64_t kBytes = 84;
    using Bits = BlockBits<V>;
    template <int G>
    static void quarter(const std::byte* scales, __m128i q0, __m128i q1, float d, float dmin, float* y) {
        for (int i = 0; i < 2; ++i) {
            const int scale = Bits::byte(scales + 2 * G + i);
            V::storeBytes(y + 32 * G + 16 * i, Bits::template field<2 * G, 3>(i == 0 ? q0 : q1),
                          V::set1(d * static_cast<float>(scale & 15)),
                          V::set1(-(dmin * static_cast<float>(scale >> 4))));
        }
    }
    static void decode(const std::byte* b, float* y) {
        const float d = Bits::half(b + 80);
        const float dmin = Bits::half(b + 82);
        for (int n = 0; n < 2; ++n) {
            const auto q0 = Bits::load(b + 16 + 32 * n);
            const auto q1 = Bits::load(b + 32 + 32 * n);
            const auto* scales = b + 8 * n;
            quarter<0>(scales, q0, q1, d, dmin, y + 128 * n);
            quarter<1>(scales, q0, q1, d, dmin, y + 128 * n);
            quarter<2>(scales, q0, q1, d, dmin, y + 128 * n);
            quarter<3>(scales, q0, q1, d, dmin, y + 128 * n);
        }
    }
};

template <class V>
struct BlockCodec<V, DType::Q3_K> {
    static constexpr std::int64_t kElements = 256;
    static constexpr std::int64_t kBytes = 110;
    using Bits = BlockBits<V>;
    static float scaleAt(const std::byte* scales, int s, float d) {
        const int low = s < 8 ? Bits::byte(scales + s) & 15 : Bits::byte(scales + s - 8) >> 4;
        const int high = Bits::byte(scales + 8 + s % 4) >> (s / 4 * 2) & 3;
        return d * static_cast<float>((low | high << 4) - 32);
    }
    template <int N, int G>
    static void quarter(const std::byte* b, float d, float* y) {
        const auto four = _mm_set1_epi8(4);
        for (int i = 0; i < 2; ++i) {
            const auto two = Bits::template field<2 * G, 3>(Bits::load(b + 32 + 32 * N + 16 * i));
            const auto there = Bits::template whereBit<4 * N + G>(Bits::load(b + 16 * i));
            V::storeBytes(y + 128 * N + 32 * G + 16 * i, _mm_sub_epi8(two, _mm_andnot_si128(there, four)),
                          V::set1(scaleAt(b + 96, 8 * N + 2 * G + i, d)));
        }
    }
    static void decode(const std::byte* b, float* y) {
        const float d = Bits::half(b + 108);
        quarter<0, 0>(b, d, y);
        quarter<0, 1>(b, d, y);
        quarter<0, 2>(b, d, y);
        quarter<0, 3>(b, d, y);
        quarter<1, 0>(b, d, y);
        quarter<1, 1>(b, d, y);
        quarter<1, 2>(b, d, y);
        quarter<1, 3>(b, d, y);
    }
};

// The eight pairs of six bits in the twelve bytes of Q4_K and Q5_K, times d and minus dmin.
template <class V>
struct KScales {
    using Bits = BlockBits<V>;
    float scale[8];
    float minus[8];
    explicit KScales(const std::byte* b) {
        const float d = Bits::half(b);
        const float dmin = Bits::half(b + 2);
        const auto s0 = Bits::word(b + 4);
        const auto s1 = Bits::word(b + 8);
        const auto s2 = Bits::word(b + 12);
        // Four bytes at a time: those of groups 0..3 stand whole, the upper two bits of 4..7 above them.
        const std::uint32_t scales[2] = {s0 & 0x3f3f3f3fu, (s2 & 0x0f0f0f0fu) | (s0 >> 2 & 0x30303030u)};
        const std::uint32_t mins[2] = {s1 & 0x3f3f3f3fu, (s2 >> 4 & 0x0f0f0f0fu) | (s1 >> 2 & 0x30303030u)};
        for (int i = 0; i < 8; ++i) {
            scale[i] = d * static_cast<float>(scales[i / 4] >> (i % 4 * 8) & 255);
            minus[i] = -(dmin * static_cast<float>(mins[i / 4] >> (i % 4 * 8) & 255));
        }
    }
};

template <class V>
struct BlockCodec<V, DType::Q4_K> {
    static constexpr std::int64_t kElements = 256;
    static constexpr std::int64_t kBytes = 144;
    using Bits = BlockBits<V>;
    static void decode(const std::byte* b, float* y) {
        const KScales<V> k(b);
        for (int pair = 0; pair < 4; ++pair) {
            const auto scale0 = V::set1(k.scale[2 * pair]);
            const auto minus0 = V::set1(k.minus[2 * pair]);
            const auto scale1 = V::set1(k.scale[2 * pair + 1]);
            const auto minus1 = V::set1(k.minus[2 * pair + 1]);
            for (int i = 0; i < 2; ++i) {
                const auto qs = Bits::load(b + 16 + 32 * pair + 16 * i);
                V::storeBytes(y + 64 * pair + 16 * i, Bits::low(qs), scale0, minus0);
                V::storeBytes(y + 64 * pair + 32 + 16 * i, Bits::high(qs), scale1, minus1);
            }
        }
    }
};

template <class V>
struct BlockCodec<V, DType::Q5_K> {
    static constexpr std::int64_t kElements = 256;
    static constexpr std::int64_t kBytes = 176;
    using Bits = BlockBits<V>;
    template <int Pair>
    static void sixtyFour(const std::byte* b, const KScales<V>& k, float* y) {
        const auto fifth = _mm_set1_epi8(16);
        for (int i = 0; i < 2; ++i) {
            const auto qs = Bits::load(b + 48 + 32 * Pair + 16 * i);
            const auto qh = Bits::load(b + 16 + 16 * i);
            const auto even = _mm_and_si128(Bits::template whereBit<2 * Pair>(qh), fifth);
            const auto odd = _mm_and_si128(Bits::template whereBit<2 * Pair + 1>(qh), fifth);
            V::storeBytes(y + 64 * Pair + 16 * i, _mm_or_si128(Bits::low(qs), even), V::set1(k.scale[2 * Pair]),
                          V::set1(k.minus[2 * Pair]));
            V::storeBytes(y + 64 * Pair + 32 + 16 * i, _mm_or_si128(Bits::high(qs), odd),
                          V::set1(k.scale[2 * Pair + 1]), V::set1(k.minus[2 * Pair + 1]));
        }
    }
    static void decode(const std::byte* b, float* y) {
        const KScales<V> k(b);
        sixtyFour<0>(b, k, y);
        sixtyFour<1>(b, k, y);
        sixtyFour<2>(b, k, y);
        sixtyFour<3>(b, k, y);
    }
};

template <class V>
struct BlockCodec<V, DType::Q6_K> {
    static constexpr std::int64_t kElements = 256;
    static constexpr std::int64_t kBytes = 210;
    using Bits = BlockBits<V>;
    template <int G>
    static void quarter(const std::byte* b, int n, float d, float* y) {
        const auto offset = _mm_set1_epi8(32);
        for (int i = 0; i < 2; ++i) {
            const auto ql = Bits::load(b + 64 * n + 32 * (G & 1) + 16 * i);
            const auto qh = Bits::load(b + 128 + 32 * n + 16 * i);
            const auto low = G < 2 ? Bits::low(ql) : Bits::high(ql);
            const auto high = _mm_slli_epi16(Bits::template field<2 * G, 3>(qh), 4);
            const auto scale = static_cast<signed char>(b[192 + 8 * n + 2 * G + i]);
            V::storeBytes(y + 128 * n + 32 * G + 16 * i, _mm_sub_epi8(_mm_or_si128(low, high), offset),
                          V::set1(d * static_cast<float>(scale)));
        }
    }
    static void decode(const std::byte* b, float* y) {
        const float d = Bits::half(b + 208);
        for (int n = 0; n < 2; ++n) {
            quarter<0>(b, n, d, y);
            quarter<1>(b, n, d, y);
            quarter<2>(b, n, d, y);
            quarter<3>(b, n, d, y);
        }
    }
};

template <class V>
struct BlockCodec<V, DType::IQ2_XXS> {
    static constexpr std::int64_t kElements = 256;
    static constexpr std::int64_t kBytes = 66;
    using Bits = BlockBits<V>;
    static std::uint32_t signs(std::uint32_t seven) { // the eighth makes their number even
        return seven | static_cast<std::uint32_t>(__builtin_parity(seven)) << 7;
    }
    static void decode(const std::byte* b, float* y) {
        const float d = Bits::half(b);
        const auto* grid = kIq2XxsGrid;
        for (int group = 0; group < 8; ++group) {
            const auto* p = b + 2 + 8 * group;
            const auto w = Bits::word(p + 4);
            const auto scale = V::set1(d * (0.5f + static_cast<float>(w >> 28)) * 0.25f);
            for (int i = 0; i < 2; ++i) {
                const auto values = _mm_set_epi64x(static_cast<long long>(grid[Bits::byte(p + 2 * i + 1)]),
                                                   static_cast<long long>(grid[Bits::byte(p + 2 * i)]));
                const auto negative = Bits::spread(signs(w >> (14 * i) & 127) | signs(w >> (14 * i + 7) & 127) << 8);
                V::storeBytes(y + 32 * group + 16 * i, _mm_sub_epi8(_mm_xor_si128(values, negative), negative), scale);
            }
        }
    }
};

template <class V>
struct BlockCodec<V, DType::IQ4_NL> {
    static constexpr std::int64_t kElements = 32;
    static constexpr std::int64_t kBytes = 18;
    using Bits = BlockBits<V>;
    static void decode(const std::byte* b, float* y) {
        const auto d = V::set1(Bits::half(b));
        const auto qs = Bits::load(b + 2);
        V::storeBytes(y, Bits::look(kIq4Values, Bits::low(qs)), d);
        V::storeBytes(y + 16, Bits::look(kIq4Values, Bits::high(qs)), d);
    }
};

template <class V>
struct BlockCodec<V, DType::IQ4_XS> {
    static constexpr std::int64_t kElements = 256;
    static constexpr std::int64_t kBytes = 136;
    using Bits = BlockBits<V>;
    static void decode(const std::byte* b, float* y) {
        const float d = Bits::half(b);
        const int scalesHigh = Bits::byte(b + 2) | Bits::byte(b + 3) << 8;
        for (int s = 0; s < 8; ++s) {
            const int low = Bits::byte(b + 4 + s / 2) >> (s % 2 * 4) & 15;
            const int high = scalesHigh >> (2 * s) & 3;
            const auto scale = V::set1(d * static_cast<float>((low | high << 4) - 32));
            const auto qs = Bits::load(b + 8 + 16 * s);
            V::storeBytes(y + 32 * s, Bits::look(kIq4Values, Bits::low(qs)), scale);
            V::storeBytes(y + 32 * s + 16, Bits::look(kIq4Values, Bits::high(qs)), scale);
        }
    }
};

template <class V>
struct BlockCodec<V, DType::MXFP4> {
    static constexpr std::int64_t kElements = 32;
    static constexpr std::int64_t kBytes = 17;
    using Bits = BlockBits<V>;
    // 2^(e - 128): half of what e8m0 says, because the table has twice the values. NaN for 255.
    static float halfScale(int e) {
        return Bits::bits(e == 255 ? 0x7fc00000u : e < 2 ? 0x00200000u << e : static_cast<std::uint32_t>(e - 1) << 23);
    }
    static void decode(const std::byte* b, float* y) {
        const auto scale = V::set1(halfScale(Bits::byte(b)));
        const auto qs = Bits::load(b + 1);
        V::storeBytes(y, Bits::look(kTwiceE2m1, Bits::low(qs)), scale);
        V::storeBytes(y + 16, Bits::look(kTwiceE2m1, Bits::high(qs)), scale);
    }
};

template <class V>
struct BlockCodec<V, DType::NVFP4> {
    static constexpr std::int64_t kElements = 64;
    static constexpr std::int64_t kBytes = 36;
    using Bits = BlockBits<V>;
    // Half of what the scale byte says.
    static float halfScale(int code) {
        const int seven = code & 127;
        if (code == 127)
            return 0.0f;
        if (seven < 8)
            return static_cast<float>(seven) * 0x1p-10f;
        return Bits::bits(static_cast<std::uint32_t>(seven + ((126 - 7) << 3)) << 20);
    }
    static void decode(const std::byte* b, float* y) {
        for (int s = 0; s < 4; ++s) {
            const auto qs = Bits::load8(b + 4 + 8 * s);
            const auto codes = _mm_unpacklo_epi64(Bits::low(qs), Bits::high(qs));
            V::storeBytes(y + 16 * s, Bits::look(kTwiceE2m1, codes), V::set1(halfScale(Bits::byte(b + s))));
        }
    }
};

} // namespace bathy::kernels
