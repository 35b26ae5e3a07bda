// Bytes of GGUF blocks in 32-byte registers and the sums of their products, for the levels L = Avx2Bytes and
// Avx512Bytes. Private to the SIMD files.
#pragma once

#include "kernels/common/block_tables.h"

#include <cstddef>
#include <cstdint>
#include <immintrin.h>

namespace bathy::kernels {

// The sums of one row times one token; see quantized_linear.h.
struct ByteSums {
    __m256 lanes; // blocks of even number, or all
    __m256 odd;   // those of odd number, for types that keep them apart
    __m128 own;   // of minima

    [[gnu::always_inline]] static ByteSums zero() {
        return {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm_setzero_ps()};
    }
};

template <class L>
struct ByteOps {
    using B = __m256i;
    static B load(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
    static __m128i load16(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }
    static int byte(const std::byte* p) { return static_cast<unsigned char>(*p); }
    static std::uint32_t word(const std::byte* p) {
        std::uint32_t bits = 0;
        __builtin_memcpy(&bits, p, 4);
        return bits;
    }
    static float half(const std::byte* p) {
        std::uint16_t bits = 0;
        __builtin_memcpy(&bits, p, 2);
        return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(bits)));
    }
    static float bits(std::uint32_t value) {
        return _mm_cvtss_f32(_mm_castsi128_ps(_mm_cvtsi32_si128(static_cast<int>(value))));
    }
    static B join(__m128i low, __m128i high) { return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1); }
    static B both(__m128i v) { return _mm256_broadcastsi128_si256(v); }

    // Bits [Shift, Shift + width of Mask) of each byte.
    template <int Shift, int Mask>
    static B field(B v) {
        if constexpr (Shift == 0)
            return _mm256_and_si256(v, _mm256_set1_epi8(Mask));
        else
            return _mm256_and_si256(_mm256_srli_epi16(v, Shift), _mm256_set1_epi8(Mask));
    }
    // Bit From of each byte at place To, nothing else.
    template <int From, int To>
    static B moveBit(B v) {
        const B bit = _mm256_and_si256(v, _mm256_set1_epi8(static_cast<char>(1 << From)));
        if constexpr (From < To)
            return _mm256_slli_epi16(bit, To - From);
        else
            return _mm256_srli_epi16(bit, From - To);
    }
    // Sixteen bytes: their low nibbles, then their high ones.
    static B nibbles(const std::byte* p) {
        const __m128i v = load16(p);
        return _mm256_and_si256(join(v, _mm_srli_epi16(v, 4)), _mm256_set1_epi8(15));
    }
    // 0xFF in byte i where bit i of `mask` is set.
    static B spread(std::uint32_t mask) {
        const B pick = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
        const B copies = _mm256_shuffle_epi8(_mm256_set1_epi32(static_cast<int>(mask)), pick);
        const B single = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201u));
        return _mm256_cmpeq_epi8(_mm256_and_si256(copies, single), single);
    }
    static B look(const std::int8_t* table, B codes) { return _mm256_shuffle_epi8(both(load16(table)), codes); }

    // Sixteen 16-bit numbers: `low` eight times, then `high` eight times, of the sixteen in `scales` (bytes 2 i, 2 i +
    // 1 of both halves hold number i).
    template <int Low, int High>
    static B spreadPair(B scales) {
        return _mm256_shuffle_epi8(scales,
                                   join(_mm_set1_epi16(Low * 0x0202 + 0x0100), _mm_set1_epi16(High * 0x0202 + 0x0100)));
    }
};

} // namespace bathy::kernels
