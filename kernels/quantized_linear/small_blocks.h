// Blocks of 32 elements (NVFP4: 64) in registers and their product with a group of activations; see quantized_linear.h
// for the order of sums. Private to the SIMD files.
#pragma once

#include "kernels/quantized_linear/byte_ops.h"
#include "kernels/quantized_linear/quantized_rows.h"

namespace bathy::kernels {

// The codes of a block as bytes; kSigned where they may be negative.
template <class L, DType D>
struct SmallCodes;

template <class L>
struct SmallCodes<L, DType::Q4_0> {
    static constexpr std::int64_t kBytes = 18;
    static constexpr bool kSigned = true;
    static constexpr bool kMinimum = false;
    using Ops = ByteOps<L>;
    static __m256i read(const std::byte* b) { return _mm256_sub_epi8(Ops::nibbles(b + 2), _mm256_set1_epi8(8)); }
    static float scale(const std::byte* b) { return Ops::half(b); }
};

template <class L>
struct SmallCodes<L, DType::Q4_1> {
    static constexpr std::int64_t kBytes = 20;
    static constexpr bool kSigned = false;
    static constexpr bool kMinimum = true;
    using Ops = ByteOps<L>;
    static __m256i read(const std::byte* b) { return Ops::nibbles(b + 4); }
    static float scale(const std::byte* b) { return Ops::half(b); }
};

template <class L>
struct SmallCodes<L, DType::Q5_0> {
    static constexpr std::int64_t kBytes = 22;
    static constexpr bool kSigned = true;
    static constexpr bool kMinimum = false;
    using Ops = ByteOps<L>;
    static __m256i read(const std::byte* b) { // without the fifth bit 16 less: the nibble with its upper bits set
        const auto less = _mm256_set1_epi8(static_cast<char>(0xf0));
        return _mm256_or_si256(Ops::nibbles(b + 6), _mm256_andnot_si256(Ops::spread(Ops::word(b + 2)), less));
    }
    static float scale(const std::byte* b) { return Ops::half(b); }
};

template <class L>
struct SmallCodes<L, DType::Q5_1> {
    static constexpr std::int64_t kBytes = 24;
    static constexpr bool kSigned = false;
    static constexpr bool kMinimum = true;
    using Ops = ByteOps<L>;
    static __m256i read(const std::byte* b) {
        const auto fifth = _mm256_and_si256(Ops::spread(Ops::word(b + 4)), _mm256_set1_epi8(16));
        return _mm256_or_si256(Ops::nibbles(b + 8), fifth);
    }
    static float scale(const std::byte* b) { return Ops::half(b); }
};

template <class L>
struct SmallCodes<L, DType::Q8_0> {
    static constexpr std::int64_t kBytes = 34;
    static constexpr bool kSigned = true;
    static constexpr bool kMinimum = false;
    using Ops = ByteOps<L>;
    static __m256i read(const std::byte* b) { return Ops::load(b + 2); }
    static float scale(const std::byte* b) { return Ops::half(b); }
};

template <class L>
struct SmallCodes<L, DType::IQ4_NL> {
    static constexpr std::int64_t kBytes = 18;
    static constexpr bool kSigned = true;
    static constexpr bool kMinimum = false;
    using Ops = ByteOps<L>;
    static __m256i read(const std::byte* b) { return Ops::look(kIq4Values, Ops::nibbles(b + 2)); }
    static float scale(const std::byte* b) { return Ops::half(b); }
};

template <class L>
struct SmallCodes<L, DType::MXFP4> {
    static constexpr std::int64_t kBytes = 17;
    static constexpr bool kSigned = true;
    static constexpr bool kMinimum = false;
    using Ops = ByteOps<L>;
    static __m256i read(const std::byte* b) { return Ops::look(kTwiceE2m1, Ops::nibbles(b + 1)); }
    // 2^(e - 128): half of what e8m0 says, because the table has twice the values. NaN for 255.
    static float scale(const std::byte* b) {
        const int e = Ops::byte(b);
        return Ops::bits(e == 255 ? 0x7fc00000u : e < 2 ? 0x00200000u << e : static_cast<std::uint32_t>(e - 1) << 23);
    }
};

template <class L, DType D>
struct SmallBlock {
    using Codes = SmallCodes<L, D>;
    static constexpr std::int64_t kElements = 32;
    static constexpr std::int64_t kBytes = Codes::kBytes;
    static constexpr bool kAlternates = D == DType::MXFP4 || D == DType::IQ4_NL;
    static constexpr bool kOwnSums = Codes::kMinimum;

    __m256i code;
    __m256i size; // of signed codes
    float d = 0;
    float minimum = 0;

    [[gnu::always_inline]] explicit SmallBlock(const std::byte* b) : code(Codes::read(b)), d(Codes::scale(b)) {
        size = Codes::kSigned ? _mm256_abs_epi8(code) : code;
        if constexpr (Codes::kMinimum)
            minimum = ByteOps<L>::half(b + 2);
    }

    template <bool Odd>
    [[gnu::always_inline]] void addTo(ByteSums& sums, const QuantizedRow& x, std::int64_t group) const {
        __m256i q = ByteOps<L>::load(x.values + 32 * group);
        if constexpr (Codes::kSigned)
            q = _mm256_sign_epi8(q, code);
        if constexpr (Codes::kMinimum)
            sums.own = _mm_fmadd_ss(_mm_set_ss(minimum), _mm_load_ss(x.sums + group), sums.own);
        const __m256 d8 = _mm256_set1_ps(d * x.scales[group]);
        auto& lanes = kAlternates && Odd ? sums.odd : sums.lanes;
        lanes = _mm256_fmadd_ps(d8, _mm256_cvtepi32_ps(L::dot(size, q)), lanes);
    }
};

template <class L>
struct SmallBlock<L, DType::NVFP4> {
    static constexpr std::int64_t kElements = 64;
    static constexpr std::int64_t kBytes = 36;
    static constexpr bool kAlternates = false;
    static constexpr bool kOwnSums = false;
    using Ops = ByteOps<L>;

    __m256i code[2];
    __m256 d[2];

    // Half of what the scale byte says: e4m3 without its sign, 0x7f stands for 0 and 0xff for 480.
    static float halfScale(int byte) {
        const int seven = byte & 127;
        if (byte == 127)
            return 0.0f;
        return seven < 8 ? static_cast<float>(seven) * 0x1p-10f
                         : Ops::bits(static_cast<std::uint32_t>(seven + ((126 - 7) << 3)) << 20);
    }

    [[gnu::always_inline]] explicit SmallBlock(const std::byte* b) {
        for (int i = 0; i < 2; ++i) {
            const __m256i v = Ops::nibbles(b + 4 + 16 * i); // low nibbles of both groups of sixteen, then high ones
            code[i] = Ops::look(kTwiceE2m1, _mm256_permute4x64_epi64(v, _MM_SHUFFLE(3, 1, 2, 0)));
            d[i] = _mm256_set_m128(_mm_set1_ps(halfScale(Ops::byte(b + 2 * i + 1))),
                                   _mm_set1_ps(halfScale(Ops::byte(b + 2 * i))));
        }
    }

    template <bool Odd>
    [[gnu::always_inline]] void addTo(ByteSums& sums, const QuantizedRow& x, std::int64_t block) const {
        for (int i = 0; i < 2; ++i) {
            const auto group = 2 * block + i;
            const __m256i q = _mm256_sign_epi8(Ops::load(x.values + 32 * group), code[i]);
            const __m256 d8 = _mm256_mul_ps(d[i], _mm256_set1_ps(x.scales[group]));
            const __m256i whole = L::dot(_mm256_abs_epi8(code[i]), q);
            sums.lanes = _mm256_fmadd_ps(d8, _mm256_cvtepi32_ps(whole), sums.lanes);
        }
    }
};

} // namespace bathy::kernels
