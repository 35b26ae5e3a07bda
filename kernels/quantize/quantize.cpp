#include "kernels/quantize/quantize.h"

#include "kernels/common/number_formats.h"

#include <algorithm>
#include <cmath>

namespace bathy::kernels {

namespace {

float largestMagnitude(const float* x, std::int64_t count, float floor) {
    float amax = floor;
    for (std::int64_t i = 0; i < count; ++i)
        amax = std::max(amax, std::fabs(x[i]));
    return amax;
}

} // namespace

void hadamardRow(float* x, std::int64_t width) {
    for (std::int64_t half = 1; half < width; half *= 2)
        for (std::int64_t i = 0; i < width; i += 2 * half)
            for (auto j = i; j < i + half; ++j) {
                const float a = x[j];
                const float b = x[j + half];
                x[j] = a + b;
                x[j + half] = a - b;
            }
    const auto scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(width)));
    for (std::int64_t i = 0; i < width; ++i)
        x[i] *= scale;
}

float fp8BlockScale(const float* x, std::int64_t count) {
    return powerOfTwoScale(largestMagnitude(x, count, 1e-4f), 448.0f);
}

float fp4BlockScale(const float* x, std::int64_t count) {
    return powerOfTwoScale(largestMagnitude(x, count, 6.0f * 0x1p-126f), 6.0f);
}

void fp8GridRow(float* x, std::int64_t columns, std::int64_t block) {
    for (std::int64_t begin = 0; begin < columns; begin += block) {
        const auto end = std::min(columns, begin + block);
        const float scale = fp8BlockScale(x + begin, end - begin);
        for (auto i = begin; i < end; ++i)
            x[i] = e4m3ToFloat(floatToE4m3(x[i] / scale)) * scale;
    }
}

void fp4GridRow(float* x, std::int64_t columns, std::int64_t block) {
    for (std::int64_t begin = 0; begin < columns; begin += block) {
        const auto end = std::min(columns, begin + block);
        const float scale = fp4BlockScale(x + begin, end - begin);
        for (auto i = begin; i < end; ++i)
            x[i] = e2m1ToFloat(floatToE2m1(x[i] / scale)) * scale;
    }
}

void halfGridRow(const float* x, std::int64_t columns, float* out) {
    for (std::int64_t i = 0; i < columns; ++i)
        out[i] = f16ToFloat(floatToF16(x[i]));
}

} // namespace bathy::kernels
