// Sixteen float lanes with AVX-512 (F, BW, DQ, VL). The same interface as Avx2 in simd_avx2.h, so that a kernel is
// written once as a template over the lanes. Included only by files compiled for this level; those files use no inline
// function of other headers, because the linker could pick their wide copy for the whole program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <immintrin.h>

namespace bathy::kernels {

struct Avx512 {
    using F = __m512;
    static constexpr std::int64_t kLanes = 16;
    static constexpr int kTileTokens = 6;   // tokens of the register tile with decoded weights
    static constexpr int kDirectTokens = 4; // tokens up to which weights are decoded in registers

    static __mmask16 mask(std::int64_t n) { return static_cast<__mmask16>((1u << n) - 1u); }

    static F zero() { return _mm512_setzero_ps(); }
    static F set1(float v) { return _mm512_set1_ps(v); }
    static F load(const float* p) { return _mm512_loadu_ps(p); }
    static F load(const float* p, std::int64_t n) { return _mm512_maskz_loadu_ps(mask(n), p); }
    static void store(float* p, F v) { _mm512_storeu_ps(p, v); }
    static void store(float* p, F v, std::int64_t n) { _mm512_mask_storeu_ps(p, mask(n), v); }
    static F add(F a, F b) { return _mm512_add_ps(a, b); }
    static F sub(F a, F b) { return _mm512_sub_ps(a, b); }
    static F mul(F a, F b) { return _mm512_mul_ps(a, b); }
    static F div(F a, F b) { return _mm512_div_ps(a, b); }
    static F fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
    static F max(F a, F b) { return _mm512_max_ps(a, b); } // b where either is NaN
    static F min(F a, F b) { return _mm512_min_ps(a, b); } // b where either is NaN

    static __m256 fold(F v) { return _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1)); }
    // The sums of the lanes of four vectors, each by the same tree.
    static __m128 sums(F a, F b, F c, F d) {
        const __m256 ab = _mm256_hadd_ps(fold(a), fold(b));
        const __m256 cd = _mm256_hadd_ps(fold(c), fold(d));
        const __m256 all = _mm256_hadd_ps(ab, cd);
        return _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1));
    }
    static float largest(F v) { return _mm512_reduce_max_ps(v); }

    static F roundToInteger(F v) { return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
    static F scaleByPowerOfTwo(F v, F exponent) { return _mm512_scalef_ps(v, exponent); }
    static F zeroWhereLess(F v, F x, F bound) {
        return _mm512_mask_mov_ps(v, _mm512_cmp_ps_mask(x, bound, _CMP_LT_OQ), zero());
    }

    // Stored formats, N values from p. The e4m3 values come out divided by 256; NaN codes are not recognised.
    static F loadBf16(const std::byte* p) { return fromBf16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))); }
    static F loadBf16(const std::byte* p, std::int64_t n) { return fromBf16(_mm256_maskz_loadu_epi16(mask(n), p)); }
    static F loadF16(const std::byte* p) {
        return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    }
    static F loadF16(const std::byte* p, std::int64_t n) {
        return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask(n), p));
    }
    static F loadE4m3(const std::byte* p) { return fromE4m3(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))); }
    static F loadE4m3(const std::byte* p, std::int64_t n) { return fromE4m3(_mm_maskz_loadu_epi8(mask(n), p)); }
    static F loadE8m0(const std::byte* p, std::int64_t n) {
        const __m512i bytes = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask(n), p));
        const __m512i smallest = _mm512_set1_epi32(0x00400000); // 2^-127
        const __m512i nan = _mm512_set1_epi32(0x7fc00000);
        __m512i bits = _mm512_slli_epi32(bytes, 23);
        bits = _mm512_mask_mov_epi32(bits, _mm512_cmpeq_epi32_mask(bytes, _mm512_setzero_si512()), smallest);
        bits = _mm512_mask_mov_epi32(bits, _mm512_cmpeq_epi32_mask(bytes, _mm512_set1_epi32(255)), nan);
        return _mm512_castsi512_ps(bits);
    }

    // Sixteen bytes of e2m1 pairs: the low nibbles (even elements) and the high ones, times `scale`.
    struct Pair {
        F even;
        F odd;
    };
    static Pair loadE2m1(const std::byte* p, F scale) {
        return fromE2m1(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), scale);
    }
    static Pair loadE2m1(const std::byte* p, std::int64_t bytes, F scale) {
        return fromE2m1(_mm_maskz_loadu_epi8(mask(bytes), p), scale);
    }

    // Splits 2 N floats into even and odd elements.
    static Pair deinterleave(F low, F high) {
        const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        const __m512i odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
        return {_mm512_permutex2var_ps(low, even, high), _mm512_permutex2var_ps(low, odd, high)};
    }
    static Pair interleave(Pair v) {
        const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        const __m512i high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        return {_mm512_permutex2var_ps(v.even, low, v.odd), _mm512_permutex2var_ps(v.even, high, v.odd)};
    }

    // Sixteen signed bytes as floats, times `scale`, plus `offset`; one rounding.
    static void storeBytes(float* p, __m128i bytes, F scale) {
        _mm512_storeu_ps(p, _mm512_mul_ps(fromBytes(bytes), scale));
    }
    static void storeBytes(float* p, __m128i bytes, F scale, F offset) {
        _mm512_storeu_ps(p, _mm512_fmadd_ps(fromBytes(bytes), scale, offset));
    }

    // Whether any of n e4m3 codes is NaN (0x7F or 0xFF): doubling drops the sign and leaves 0xFE, the largest.
    static bool anyE4m3Nan(const std::byte* p, std::int64_t n) {
        __m512i most = _mm512_setzero_si512();
        std::int64_t i = 0;
        for (; i + 64 <= n; i += 64) {
            const __m512i codes = _mm512_loadu_si512(p + i);
            most = _mm512_max_epu8(most, _mm512_add_epi8(codes, codes));
        }
        if (i < n) {
            const __m512i codes = _mm512_maskz_loadu_epi8((~std::uint64_t{0}) >> (64 - (n - i)), p + i);
            most = _mm512_max_epu8(most, _mm512_add_epi8(codes, codes));
        }
        return _mm512_cmpeq_epi8_mask(most, _mm512_set1_epi8(static_cast<char>(0xfe))) != 0;
    }

private:
    static F fromBytes(__m128i bytes) { return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes)); }
    static F fromBf16(__m256i words) {
        return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(words), 16));
    }
    // The bits s eeee mmm placed as a half float s 0eeee mmm0000000, whose exponent bias is 8 larger.
    static F fromE4m3(__m128i codes) {
        const __m256i words = _mm256_slli_epi16(_mm256_cvtepi8_epi16(codes), 7);
        return _mm512_cvtph_ps(_mm256_and_si256(words, _mm256_set1_epi16(static_cast<short>(0xbf80))));
    }
    static Pair fromE2m1(__m128i bytes, F scale) {
        const F values = _mm512_setr_ps(0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f, -0.0f, -0.5f, -1.0f, -1.5f,
                                        -2.0f, -3.0f, -4.0f, -6.0f);
        const F table = _mm512_mul_ps(values, scale);
        const __m512i codes = _mm512_cvtepu8_epi32(bytes);
        return {_mm512_permutexvar_ps(codes, table), _mm512_permutexvar_ps(_mm512_srli_epi32(codes, 4), table)};
    }
};

} // namespace bathy::kernels
