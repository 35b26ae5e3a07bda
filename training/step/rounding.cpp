// The stored formats' rounding, as in quant.py: MXFP4 (32 inputs share a power of two) and FP8 e4m3 (128 x 128 do).
#include <algorithm>
#include <cmath>
#include <cstdint>

namespace {
// The smallest power of two p with amax / p <= top.
float power(float amax, float top) {
    int e = 0;
    const float mantissa = std::frexp(std::max(amax, 1e-30f) / top, &e);
    return amax > 0 ? std::ldexp(1.0f, e - (mantissa == 0.5f)) : 1.0f;
}

float toFp4(float x) { // of magnitude at most 6; a tie goes to the smaller level
    const float a = std::fabs(x);
    const float level = a <= 0.25f   ? 0.0f
                        : a <= 0.75f ? 0.5f
                        : a <= 1.25f ? 1.0f
                        : a <= 1.75f ? 1.5f
                        : a <= 2.5f  ? 2.0f
                        : a <= 3.5f  ? 3.0f
                        : a <= 5.0f  ? 4.0f
                                     : 6.0f;
    return std::copysign(level, x);
}

float toFp8(float x) { // of magnitude at most 448, to nearest even
    int e = 0;
    std::frexp(x, &e);
    const float unit = std::ldexp(1.0f, std::max(e - 4, -9));
    return std::nearbyint(x / unit) * unit;
}
} // namespace

extern "C" {
void round_fp4(int64_t count, const float* x, float* out) {
    for (int64_t b = 0; b < count; b += 32) {
        float amax = 0;
        for (int i = 0; i < 32; ++i)
            amax = std::max(amax, std::fabs(x[b + i]));
        const float p = power(amax, 6), r = 1 / p;
        for (int i = 0; i < 32; ++i)
            out[b + i] = toFp4(x[b + i] * r) * p;
    }
}

void round_fp8(int64_t rows, int64_t columns, const float* x, float* out) {
    for (int64_t r0 = 0; r0 < rows; r0 += 128)
        for (int64_t c0 = 0; c0 < columns; c0 += 128) {
            const int64_t r1 = std::min(rows, r0 + 128), c1 = std::min(columns, c0 + 128);
            float amax = 0;
            for (int64_t r = r0; r < r1; ++r)
                for (int64_t c = c0; c < c1; ++c)
                    amax = std::max(amax, std::fabs(x[r * columns + c]));
            const float p = power(amax, 448), inverse = 1 / p;
            for (int64_t r = r0; r < r1; ++r)
                for (int64_t c = c0; c < c1; ++c)
                    out[r * columns + c] = toFp8(x[r * columns + c] * inverse) * p;
        }
}
}
