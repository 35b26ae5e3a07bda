// Eight float lanes with AVX2, FMA and F16C. See simd_avx512.h for the interface and for what files that include this
// may not do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <immintrin.h>

namespace bathy::kernels {

struct Avx2 {
    using F = __m256;
    static constexpr std::int64_t kLanes = 8;
    static constexpr int kTileTokens = 3;
    static constexpr int kDirectTokens = 2;

    static __m256i mask(std::int64_t n) {
        const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), lane);
    }

    static F zero() { return _mm256_setzero_ps(); }
    static F set1(float v) { return _mm256_set1_ps(v); }
    static F load(const float* p) { return _mm256_loadu_ps(p); }
    static F load(const float* p, std::int64_t n) { return _mm256_maskload_ps(p, mask(n)); }
    static void store(float* p, F v) { _mm256_storeu_ps(p, v); }
    static void store(float* p, F v, std::int64_t n) { _mm256_maskstore_ps(p, mask(n), v); }
    static F add(F a, F b) { return _mm256_add_ps(a, b); }
    static F sub(F a, F b) { return _mm256_sub_ps(a, b); }
    static F mul(F a, F b) { return _mm256_mul_ps(a, b); }
    static F div(F a, F b) { return _mm256_div_ps(a, b); }
    static F fma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
    static F max(F a, F b) { return _mm256_max_ps(a, b); }
    static F min(F a, F b) { return _mm256_min_ps(a, b); }

    static __m128 sums(F a, F b, F c, F d) {
        const __m256 all = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
        return _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1));
    }
    static float largest(F v) {
        __m128 m = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
        m = _mm_max_ps(m, _mm_movehl_ps(m, m));
        return _mm_cvtss_f32(_mm_max_ss(m, _mm_movehdup_ps(m)));
    }

    static F roundToInteger(F v) { return _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
    // Exponents from -252 to 254: two factors, because one cannot reach subnormals.
    static F scaleByPowerOfTwo(F v, F exponent) {
        const __m256i whole = _mm256_cvtps_epi32(exponent);
        const __m256i half = _mm256_srai_epi32(whole, 1);
        return _mm256_mul_ps(_mm256_mul_ps(v, powerOfTwo(half)), powerOfTwo(_mm256_sub_epi32(whole, half)));
    }
    static F zeroWhereLess(F v, F x, F bound) { return _mm256_andnot_ps(_mm256_cmp_ps(x, bound, _CMP_LT_OQ), v); }

    static F loadBf16(const std::byte* p) { return fromBf16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))); }
    static F loadBf16(const std::byte* p, std::int64_t n) { return fromBf16(loadBytes(p, 2 * n)); }
    static F loadF16(const std::byte* p) {
        return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    static F loadF16(const std::byte* p, std::int64_t n) { return _mm256_cvtph_ps(loadBytes(p, 2 * n)); }
    static F loadE4m3(const std::byte* p) { return fromE4m3(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))); }
    static F loadE4m3(const std::byte* p, std::int64_t n) { return fromE4m3(loadBytes(p, n)); }
    static F loadE8m0(const std::byte* p, std::int64_t n) {
        const __m256i bytes = _mm256_cvtepu8_epi32(loadBytes(p, n));
        const __m256i isZero = _mm256_cmpeq_epi32(bytes, _mm256_setzero_si256());
        const __m256i isNan = _mm256_cmpeq_epi32(bytes, _mm256_set1_epi32(255));
        __m256i bits = _mm256_slli_epi32(bytes, 23);
        bits = _mm256_blendv_epi8(bits, _mm256_set1_epi32(0x00400000), isZero);
        bits = _mm256_blendv_epi8(bits, _mm256_set1_epi32(0x7fc00000), isNan);
        return _mm256_castsi256_ps(bits);
    }

    struct Pair {
        F even;
        F odd;
    };
    static Pair loadE2m1(const std::byte* p, F scale) {
        return fromE2m1(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)), scale);
    }
    static Pair loadE2m1(const std::byte* p, std::int64_t bytes, F scale) {
        return fromE2m1(loadBytes(p, bytes), scale);
    }
    static Pair deinterleave(F low, F high) {
        const F even = _mm256_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0));
        const F odd = _mm256_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 3, 1));
        return {sortQuarters(even), sortQuarters(odd)};
    }
    static Pair interleave(Pair v) {
        const F low = _mm256_unpacklo_ps(v.even, v.odd);
        const F high = _mm256_unpackhi_ps(v.even, v.odd);
        return {_mm256_permute2f128_ps(low, high, 0x20), _mm256_permute2f128_ps(low, high, 0x31)};
    }

    // Sixteen signed bytes as floats, times `scale`, plus `offset`; one rounding.
    static void storeBytes(float* p, __m128i bytes, F scale) {
        _mm256_storeu_ps(p, _mm256_mul_ps(fromBytes(bytes), scale));
        _mm256_storeu_ps(p + 8, _mm256_mul_ps(fromBytes(_mm_unpackhi_epi64(bytes, bytes)), scale));
    }
    static void storeBytes(float* p, __m128i bytes, F scale, F offset) {
        _mm256_storeu_ps(p, _mm256_fmadd_ps(fromBytes(bytes), scale, offset));
        _mm256_storeu_ps(p + 8, _mm256_fmadd_ps(fromBytes(_mm_unpackhi_epi64(bytes, bytes)), scale, offset));
    }

    static bool anyE4m3Nan(const std::byte* p, std::int64_t n) {
        __m256i most = _mm256_setzero_si256();
        std::int64_t i = 0;
        for (; i + 32 <= n; i += 32) {
            const __m256i codes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + i));
            most = _mm256_max_epu8(most, _mm256_add_epi8(codes, codes));
        }
        for (; i < n; i += 16) {
            const __m128i codes = loadBytes(p + i, n - i < 16 ? n - i : 16);
            most = _mm256_max_epu8(most, _mm256_castsi128_si256(_mm_add_epi8(codes, codes)));
        }
        return _mm256_movemask_epi8(_mm256_cmpeq_epi8(most, _mm256_set1_epi8(static_cast<char>(0xfe)))) != 0;
    }

private:
    static F fromBytes(__m128i bytes) { return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes)); }
    static F powerOfTwo(__m256i exponent) {
        return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(exponent, _mm256_set1_epi32(127)), 23));
    }
    static F sortQuarters(F v) { // pairs of lanes 0, 2, 1, 3
        return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(v), _MM_SHUFFLE(3, 1, 2, 0)));
    }
    // The first n <= 16 bytes from p, zeros behind them.
    static __m128i loadBytes(const std::byte* p, std::int64_t n) {
        alignas(16) std::byte buffer[16] = {};
        __builtin_memcpy(buffer, p, static_cast<std::size_t>(n));
        return _mm_load_si128(reinterpret_cast<const __m128i*>(buffer));
    }
    static F fromBf16(__m128i words) {
        return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(words), 16));
    }
    static F fromE4m3(__m128i codes) {
        const __m128i words = _mm_slli_epi16(_mm_cvtepi8_epi16(codes), 7);
        return _mm256_cvtph_ps(_mm_and_si128(words, _mm_set1_epi16(static_cast<short>(0xbf80))));
    }
    static Pair fromE2m1(__m128i bytes, F scale) {
        const F table = _mm256_mul_ps(_mm256_setr_ps(0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f), scale);
        const __m256i codes = _mm256_cvtepu8_epi32(bytes);
        const __m256i sign = _mm256_set1_epi32(static_cast<int>(0x80000000u));
        const __m256i evenSign = _mm256_and_si256(_mm256_slli_epi32(codes, 28), sign);
        const __m256i oddSign = _mm256_and_si256(_mm256_slli_epi32(codes, 24), sign);
        const F even = _mm256_permutevar8x32_ps(table, codes);
        const F odd = _mm256_permutevar8x32_ps(table, _mm256_srli_epi32(codes, 4));
        return {_mm256_xor_ps(even, _mm256_castsi256_ps(evenSign)), _mm256_xor_ps(odd, _mm256_castsi256_ps(oddSign))};
    }
};

} // namespace bathy::kernels
