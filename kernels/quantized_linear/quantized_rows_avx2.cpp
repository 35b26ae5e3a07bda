// Rounds 32 or 256 activations at a time; see quantized_rows.h for the rules.
#include "kernels/common/simd_avx2.h"

#include "kernels/quantized_linear/quantized_rows.h"

namespace bathy::kernels {

namespace {

float notANumber() {
    return __builtin_nanf("");
}

__m256 magnitude(__m256 v) {
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), v);
}

// The largest magnitude, 0 for a group of zeros; infinity where a value is infinite or NaN.
float largestMagnitude(const float* x, int count) {
    __m256 most = _mm256_setzero_ps();
    __m256 strange = _mm256_setzero_ps();
    const __m256 infinity = _mm256_set1_ps(__builtin_inff());
    for (int i = 0; i < count; i += 8) {
        const __m256 v = magnitude(_mm256_loadu_ps(x + i));
        most = _mm256_max_ps(most, v);
        strange = _mm256_or_ps(strange, _mm256_cmp_ps(v, infinity, _CMP_NLT_UQ));
    }
    if (_mm256_movemask_ps(strange) != 0)
        return __builtin_inff();
    const float largest = Avx2::largest(most);
    return largest < kSmallestGroup ? 0.0f : largest;
}

// round(x * factor) of eight values.
__m256i roundedEight(const float* x, __m256 factor) {
    return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x), factor)); // to nearest even
}

// 32 values to bytes in order, no byte below -127.
__m256i roundedBytes(const float* x, __m256 factor) {
    const __m256i low = _mm256_packs_epi32(roundedEight(x, factor), roundedEight(x + 8, factor));
    const __m256i high = _mm256_packs_epi32(roundedEight(x + 16, factor), roundedEight(x + 24, factor));
    const __m256i bytes = _mm256_max_epi8(_mm256_packs_epi16(low, high), _mm256_set1_epi8(-127));
    return _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

// Sums of sixteen bytes each: of the lower and of the upper half.
struct HalfSums {
    int low;
    int high;
};
HalfSums halfSums(__m256i bytes) {
    const __m256i pairs = _mm256_maddubs_epi16(_mm256_set1_epi8(1), bytes);
    const __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
    const __m256i eights = _mm256_add_epi32(fours, _mm256_shuffle_epi32(fours, 0x4e));
    const __m256i all = _mm256_add_epi32(eights, _mm256_shuffle_epi32(eights, 0xb1));
    return {_mm256_extract_epi32(all, 0), _mm256_extract_epi32(all, 4)};
}

float throughHalf(float value) {
    return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtps_ph(_mm_set_ss(value), _MM_FROUND_TO_NEAREST_INT)));
}

void quantize32(const float* x, std::int64_t group, const QuantizedRow& row) {
    auto* q = reinterpret_cast<__m256i*>(row.values + 32 * group);
    const float most = largestMagnitude(x, 32);
    if (most == __builtin_inff()) {
        _mm256_storeu_si256(q, _mm256_setzero_si256());
        row.scales[group] = row.sums[group] = notANumber();
        return;
    }
    const float step = most / 127.0f;
    const __m256i bytes = roundedBytes(x, _mm256_set1_ps(most > 0 ? 127.0f / most : 0.0f));
    _mm256_storeu_si256(q, bytes);
    const auto sums = halfSums(bytes);
    row.scales[group] = throughHalf(step);
    row.sums[group] = throughHalf(step * static_cast<float>(sums.low + sums.high));
}

// The first of 256 values whose magnitude is `most`.
float firstWithMagnitude(const float* x, float most) {
    int i = 0;
    int mask = 0;
    for (;; i += 8) {
        mask = _mm256_movemask_ps(_mm256_cmp_ps(magnitude(_mm256_loadu_ps(x + i)), _mm256_set1_ps(most), _CMP_EQ_OQ));
        if (mask != 0)
            return x[i + __builtin_ctz(static_cast<unsigned>(mask))];
    }
}

void quantize256(const float* x, std::int64_t group, const QuantizedRow& row) {
    const float most = largestMagnitude(x, 256);
    float inverse = 0.0f;
    row.scales[group] = 0.0f;
    if (most == __builtin_inff()) {
        row.scales[group] = notANumber();
    } else if (most > 0) {
        inverse = -127.0f / firstWithMagnitude(x, most);
        row.scales[group] = 1.0f / inverse;
    }
    for (int i = 0; i < 8; ++i) {
        const bool none = inverse == 0.0f; // infinities would become bytes
        const __m256i bytes = none ? _mm256_setzero_si256() : roundedBytes(x + 32 * i, _mm256_set1_ps(inverse));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(row.values + 256 * group + 32 * i), bytes);
        const auto sums = halfSums(bytes);
        row.sums16[16 * group + 2 * i] = static_cast<std::int16_t>(sums.low);
        row.sums16[16 * group + 2 * i + 1] = static_cast<std::int16_t>(sums.high);
    }
}

} // namespace

void quantizeActivationsAvx2(QuantizedGroups groups, const float* x, std::int64_t cols, std::byte* out) {
    const QuantizedRow row(groups, cols, out);
    if (groups == QuantizedGroups::Groups32)
        for (std::int64_t group = 0; group < cols / 32; ++group)
            quantize32(x + 32 * group, group, row);
    else
        for (std::int64_t group = 0; group < cols / 256; ++group)
            quantize256(x + 256 * group, group, row);
}

} // namespace bathy::kernels
