#include "kernels/common/encode_row.h"

#include "kernels/common/number_formats.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace bathy::kernels {

namespace {

void store(std::byte* out, std::uint16_t bits) {
    std::memcpy(out, &bits, 2);
}

float largestOf(const float* values, std::int64_t count) {
    float largest = 0;
    for (std::int64_t i = 0; i < count; ++i)
        largest = std::max(largest, std::fabs(values[i]));
    return largest;
}

void encodeQ8_0(const float* values, std::byte* out) {
    const auto scale = floatToF16(largestOf(values, 32) / 127.0f);
    const float d = f16ToFloat(scale);
    store(out, scale);
    for (int i = 0; i < 32; ++i) {
        const float q = d > 0 ? std::clamp(std::nearbyint(values[i] / d), -127.0f, 127.0f) : 0.0f;
        out[2 + i] = static_cast<std::byte>(static_cast<std::int8_t>(q));
    }
}

void encodeMxfp4(const float* values, std::byte* out) {
    const float largest = largestOf(values, 32);
    const int exponent = largest > 0 && std::isfinite(largest) ? std::ilogb(largest) - 2 : 0;
    const auto biased = largest > 0 ? std::clamp(exponent + 127, 0, 254) : 0;
    const float scale = e8m0ToFloat(static_cast<std::uint8_t>(biased));
    out[0] = static_cast<std::byte>(biased);
    for (int i = 0; i < 16; ++i)
        out[1 + i] = static_cast<std::byte>(floatToE2m1(values[i] / scale) | floatToE2m1(values[i + 16] / scale) << 4);
}

} // namespace

bool canEncode(DType dtype) {
    return dtype == DType::F32 || dtype == DType::F16 || dtype == DType::BF16 || dtype == DType::Q8_0 ||
           dtype == DType::MXFP4;
}

void encodeRow(DType dtype, const float* values, std::int64_t count, std::byte* out) {
    switch (dtype) {
    case DType::F32:
        std::memcpy(out, values, static_cast<std::size_t>(4 * count));
        return;
    case DType::F16:
        for (std::int64_t i = 0; i < count; ++i)
            store(out + 2 * i, floatToF16(values[i]));
        return;
    case DType::BF16:
        for (std::int64_t i = 0; i < count; ++i)
            store(out + 2 * i, floatToBf16(values[i]));
        return;
    default:
        for (std::int64_t i = 0; i < count; i += 32)
            if (dtype == DType::Q8_0)
                encodeQ8_0(values + i, out + i / 32 * 34);
            else
                encodeMxfp4(values + i, out + i / 32 * 17);
    }
}

} // namespace bathy::kernels
