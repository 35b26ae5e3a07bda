// Scalar conversions of the stored number formats, exact and without tables. Any thread. Formats: architecture of the
// checkpoint types in spec section 4.2 (e4m3, e8m0) and 4.3 (e2m1); bf16 and f16 round to nearest even.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace bathy::kernels {

inline float bf16ToFloat(std::uint16_t bits) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

// Round to nearest even; NaN stays NaN.
inline std::uint16_t floatToBf16(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u)
        return static_cast<std::uint16_t>((bits >> 16) | 0x40u);
    return static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

inline float roundToBf16(float value) {
    return bf16ToFloat(floatToBf16(value));
}

inline float f16ToFloat(std::uint16_t bits) {
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
    const std::uint32_t exponent = (bits >> 10) & 0x1fu;
    const std::uint32_t mantissa = bits & 0x3ffu;
    if (exponent == 0x1f)
        return std::bit_cast<float>(sign | 0x7f800000u | (mantissa << 13));
    if (exponent == 0) { // mantissa * 2^-24
        const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
        return sign ? -magnitude : magnitude;
    }
    return std::bit_cast<float>(sign | ((exponent + 112u) << 23) | (mantissa << 13));
}

// Round to nearest even; beyond 65504 infinity, NaN stays NaN.
inline std::uint16_t floatToF16(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
    const float magnitude = std::fabs(value);
    if (std::isnan(value))
        return static_cast<std::uint16_t>(sign | 0x7e00u);
    if (magnitude >= 65520.0f) // half way to the first that does not fit
        return static_cast<std::uint16_t>(sign | 0x7c00u);
    if (magnitude < 0x1p-14f) // the subnormal grid; adding 2^-1 rounds to multiples of 2^-24
        return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>((magnitude + 0.5f - 0.5f) * 0x1p24f));
    const auto rounded = (bits & 0x7fffffffu) + 0xfffu + (bits >> 13 & 1u);
    return static_cast<std::uint16_t>(sign | ((rounded >> 13) - (112u << 10)));
}

// e4m3 "fn": bias 7, no infinities, 0x7F and 0xFF are NaN, largest 448, subnormal step 2^-9.
inline float e4m3ToFloat(std::uint8_t bits) {
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x80u) << 24;
    const std::uint32_t exponent = (bits >> 3) & 0xfu;
    const std::uint32_t mantissa = bits & 7u;
    if ((bits & 0x7fu) == 0x7fu)
        return std::numeric_limits<float>::quiet_NaN();
    if (exponent == 0) {
        const float magnitude = static_cast<float>(mantissa) * 0x1p-9f;
        return sign ? -magnitude : magnitude;
    }
    return std::bit_cast<float>(sign | ((exponent + 120u) << 23) | (mantissa << 20));
}

// Round to nearest even, saturating at +-448; NaN gives 0x7F.
inline std::uint8_t floatToE4m3(float value) {
    if (std::isnan(value))
        return 0x7f;
    const std::uint8_t sign = std::signbit(value) ? 0x80 : 0;
    const float magnitude = std::fabs(value);
    if (magnitude >= 448.0f)
        return sign | 0x7e;
    if (magnitude < 0x1p-6f) // the subnormal grid; adding 2^14 rounds to multiples of 2^-9
        return sign | static_cast<std::uint8_t>((magnitude + 0x1p14f - 0x1p14f) * 0x1p9f);
    const auto bits = std::bit_cast<std::uint32_t>(magnitude);
    const auto rounded = bits + 0x7ffffu + ((bits >> 20) & 1u);
    return sign | static_cast<std::uint8_t>((rounded >> 20) - (120u << 3));
}

// 2^(bits - 127); byte 0 is the subnormal 2^-127, 255 is NaN.
inline float e8m0ToFloat(std::uint8_t bits) {
    if (bits == 0)
        return 0x1p-127f;
    if (bits == 255)
        return std::numeric_limits<float>::quiet_NaN();
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 23);
}

// The byte of a power of two; the caller guarantees 2^-127 <= scale <= 2^127.
inline std::uint8_t powerOfTwoToE8m0(float scale) {
    return static_cast<std::uint8_t>(std::bit_cast<std::uint32_t>(scale) >> 23);
}

// Low four bits: sign, then an index into {0, .5, 1, 1.5, 2, 3, 4, 6}.
inline float e2m1ToFloat(std::uint8_t nibble) {
    constexpr float kValues[8] = {0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f};
    const float magnitude = kValues[nibble & 7u];
    return (nibble & 8u) ? -magnitude : magnitude;
}

// Round to nearest, ties to the even code, saturating at +-6; NaN gives 0.
inline std::uint8_t floatToE2m1(float value) {
    const float magnitude = std::fabs(value);
    const std::uint8_t sign = std::signbit(value) ? 8 : 0;
    std::uint8_t code = 0;
    if (magnitude > 5.0f)
        code = 7;
    else if (magnitude >= 3.5f)
        code = 6;
    else if (magnitude > 2.5f)
        code = 5;
    else if (magnitude >= 1.75f)
        code = 4;
    else if (magnitude > 1.25f)
        code = 3;
    else if (magnitude >= 0.75f)
        code = 2;
    else if (magnitude > 0.25f)
        code = 1;
    return sign | code;
}

// The power-of-two block scale of spec 4.4: 2^ceil(log2(amax / top)), taken from the exponent bits of amax * (1/top).
inline float powerOfTwoScale(float amax, float top) {
    const auto bits = std::bit_cast<std::uint32_t>(amax * (1.0f / top));
    const std::uint32_t exponent = (bits >> 23) + ((bits & 0x7fffffu) != 0 ? 1u : 0u);
    if (exponent == 0)
        return 0x1p-127f;
    return std::bit_cast<float>((exponent < 254u ? exponent : 254u) << 23);
}

} // namespace bathy::kernels
