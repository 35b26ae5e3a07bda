#include "kernels/common/block_formats.h"

#include "kernels/common/block_fields.h"
#include "kernels/common/block_tables.h"
#include "kernels/common/number_formats.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace bathy::kernels {

namespace {

constexpr std::int64_t kMostElements = 256;

int signedAt(const std::byte* p, std::int64_t i) {
    return static_cast<std::int8_t>(byteAt(p, i));
}

void decodeQ4_0(const std::byte* b, float* y) {
    const float d = halfAt(b);
    for (int e = 0; e < 32; ++e)
        y[e] = d * static_cast<float>(nibbleAt(b + 2, e) - 8);
}

void decodeQ4_1(const std::byte* b, float* y) {
    const float d = halfAt(b);
    const float m = halfAt(b + 2);
    for (int e = 0; e < 32; ++e)
        y[e] = d * static_cast<float>(nibbleAt(b + 4, e)) + m;
}

int fiveBitsAt(const std::byte* qs, std::uint32_t high, int e) {
    return nibbleAt(qs, e) | static_cast<int>((high >> e) & 1) << 4;
}

void decodeQ5_0(const std::byte* b, float* y) {
    const float d = halfAt(b);
    const auto high = wordAt(b + 2);
    for (int e = 0; e < 32; ++e)
        y[e] = d * static_cast<float>(fiveBitsAt(b + 6, high, e) - 16);
}

void decodeQ5_1(const std::byte* b, float* y) {
    const float d = halfAt(b);
    const float m = halfAt(b + 2);
    const auto high = wordAt(b + 4);
    for (int e = 0; e < 32; ++e)
        y[e] = d * static_cast<float>(fiveBitsAt(b + 8, high, e)) + m;
}

void decodeQ8_0(const std::byte* b, float* y) {
    const float d = halfAt(b);
    for (int e = 0; e < 32; ++e)
        y[e] = d * static_cast<float>(signedAt(b + 2, e));
}

void decodeQ2_K(const std::byte* b, float* y) {
    const float d = halfAt(b + 80);
    const float dmin = halfAt(b + 82);
    for (int e = 0; e < 256; ++e) {
        const int scale = byteAt(b, e / 16);
        const int q = byteAt(b + 16, e / 128 * 32 + e % 32) >> (e % 128 / 32 * 2) & 3;
        y[e] = d * static_cast<float>(scale & 15) * static_cast<float>(q) - dmin * static_cast<float>(scale >> 4);
    }
}

void decodeQ3_K(const std::byte* b, float* y) {
    const auto* hmask = b;
    const auto* qs = b + 32;
    const auto* scales = b + 96;
    const float d = halfAt(b + 108);
    for (int e = 0; e < 256; ++e) {
        const int s = e / 16;
        const int low = s < 8 ? byteAt(scales, s) & 15 : byteAt(scales, s - 8) >> 4;
        const int high = byteAt(scales, 8 + s % 4) >> (s / 4 * 2) & 3;
        const int bit = byteAt(hmask, e % 32) >> (e / 32) & 1;
        const int q = (byteAt(qs, e / 128 * 32 + e % 32) >> (e % 128 / 32 * 2) & 3) - (bit ? 0 : 4);
        y[e] = d * static_cast<float>((low | high << 4) - 32) * static_cast<float>(q);
    }
}

struct ScaleAndMin {
    int scale;
    int min;
};

// The eight pairs of six bits in the twelve bytes of Q4_K and Q5_K.
ScaleAndMin scaleAndMin(const std::byte* p, int s) {
    if (s < 4)
        return {byteAt(p, s) & 63, byteAt(p, s + 4) & 63};
    return {(byteAt(p, s + 4) & 15) | byteAt(p, s - 4) >> 6 << 4, byteAt(p, s + 4) >> 4 | byteAt(p, s) >> 6 << 4};
}

void decodeQ4_K(const std::byte* b, float* y) {
    const float d = halfAt(b);
    const float dmin = halfAt(b + 2);
    for (int e = 0; e < 256; ++e) {
        const auto [scale, min] = scaleAndMin(b + 4, e / 32);
        const int q = byteAt(b + 16, e / 64 * 32 + e % 32) >> (e / 32 % 2 * 4) & 15;
        y[e] = d * static_cast<float>(scale) * static_cast<float>(q) - dmin * static_cast<float>(min);
    }
}

void decodeQ5_K(const std::byte* b, float* y) {
    const float d = halfAt(b);
    const float dmin = halfAt(b + 2);
    for (int e = 0; e < 256; ++e) {
        const auto [scale, min] = scaleAndMin(b + 4, e / 32);
        const int high = byteAt(b + 16, e % 32) >> (e / 32) & 1;
        const int q = (byteAt(b + 48, e / 64 * 32 + e % 32) >> (e / 32 % 2 * 4) & 15) | high << 4;
        y[e] = d * static_cast<float>(scale) * static_cast<float>(q) - dmin * static_cast<float>(min);
    }
}

void decodeQ6_K(const std::byte* b, float* y) {
    const auto* ql = b;
    const auto* qh = b + 128;
    const auto* scales = b + 192;
    const float d = halfAt(b + 208);
    for (int e = 0; e < 256; ++e) {
        const int n = e / 128;
        const int g = e % 128 / 32;
        const int low = byteAt(ql, 64 * n + 32 * (g & 1) + e % 32) >> (g < 2 ? 0 : 4) & 15;
        const int high = byteAt(qh, 32 * n + e % 32) >> (2 * g) & 3;
        y[e] = d * static_cast<float>(signedAt(scales, e / 16)) * static_cast<float>((low | high << 4) - 32);
    }
}

void decodeIQ2_XXS(const std::byte* b, float* y) {
    const float d = halfAt(b);
    for (int group = 0; group < 8; ++group) {
        const auto* p = b + 2 + 8 * group;
        const auto word = wordAt(p + 4);
        const float scale = d * (0.5f + static_cast<float>(word >> 28)) * 0.25f;
        for (int sub = 0; sub < 4; ++sub) {
            const auto grid = kIq2XxsGrid[byteAt(p, sub)];
            const auto seven = word >> (7 * sub) & 127;
            const auto signs = seven | static_cast<std::uint32_t>(std::popcount(seven) & 1) << 7;
            for (int j = 0; j < 8; ++j) {
                const float value = scale * static_cast<float>(grid >> (8 * j) & 255);
                *y++ = (signs >> j & 1) != 0 ? -value : value;
            }
        }
    }
}

void decodeIQ4_NL(const std::byte* b, float* y) {
    const float d = halfAt(b);
    for (int e = 0; e < 32; ++e)
        y[e] = d * static_cast<float>(kIq4Values[nibbleAt(b + 2, e)]);
}

void decodeIQ4_XS(const std::byte* b, float* y) {
    const float d = halfAt(b);
    const int scalesHigh = byteAt(b, 2) | byteAt(b, 3) << 8;
    for (int s = 0; s < 8; ++s) {
        const int low = byteAt(b + 4, s / 2) >> (s % 2 * 4) & 15;
        const int high = scalesHigh >> (2 * s) & 3;
        const float scale = d * static_cast<float>((low | high << 4) - 32);
        for (int e = 0; e < 32; ++e)
            *y++ = scale * static_cast<float>(kIq4Values[nibbleAt(b + 8 + 16 * s, e)]);
    }
}

void decodeMXFP4(const std::byte* b, float* y) {
    const float scale = e8m0ToFloat(static_cast<std::uint8_t>(b[0]));
    for (int e = 0; e < 32; ++e)
        y[e] = scale * e2m1ToFloat(static_cast<std::uint8_t>(nibbleAt(b + 1, e)));
}

void decodeNVFP4(const std::byte* b, float* y) {
    for (int s = 0; s < 4; ++s) {
        const float scale = ue4m3ToFloat(static_cast<std::uint8_t>(b[s]));
        for (int j = 0; j < 16; ++j) {
            const int code = byteAt(b + 4, 8 * s + j % 8) >> (j < 8 ? 0 : 4) & 15;
            *y++ = scale * e2m1ToFloat(static_cast<std::uint8_t>(code));
        }
    }
}

} // namespace

void decodeBlock(DType dtype, const std::byte* block, float* out) {
    switch (dtype) {
    case DType::Q4_0:
        return decodeQ4_0(block, out);
    case DType::Q4_1:
        return decodeQ4_1(block, out);
    case DType::Q5_0:
        return decodeQ5_0(block, out);
    case DType::Q5_1:
        return decodeQ5_1(block, out);
    case DType::Q8_0:
        return decodeQ8_0(block, out);
    case DType::Q2_K:
        return decodeQ2_K(block, out);
    case DType::Q3_K:
        return decodeQ3_K(block, out);
    case DType::Q4_K:
        return decodeQ4_K(block, out);
    case DType::Q5_K:
        return decodeQ5_K(block, out);
    case DType::Q6_K:
        return decodeQ6_K(block, out);
    case DType::IQ2_XXS:
        return decodeIQ2_XXS(block, out);
    case DType::IQ4_NL:
        return decodeIQ4_NL(block, out);
    case DType::IQ4_XS:
        return decodeIQ4_XS(block, out);
    case DType::MXFP4:
        return decodeMXFP4(block, out);
    default: // NVFP4
        return decodeNVFP4(block, out);
    }
}

void decodeBlocks(DType dtype, const std::byte* row, std::int64_t begin, std::int64_t end, float* out) {
    const std::int64_t elements = dtypeBlock(dtype).elements;
    const std::int64_t bytes = dtypeBlock(dtype).bytes;
    float whole[kMostElements];
    for (auto at = begin; at < end;) {
        const auto inside = at % elements;
        const auto count = std::min(elements - inside, end - at);
        const auto* block = row + at / elements * bytes;
        if (count == elements) {
            decodeBlock(dtype, block, out);
        } else {
            decodeBlock(dtype, block, whole);
            std::copy_n(whole + inside, count, out);
        }
        out += count;
        at += count;
    }
}

float ue4m3ToFloat(std::uint8_t bits) {
    if (bits == 0x7f)
        return 0.0f;
    return bits == 0xff ? 480.0f : e4m3ToFloat(bits & 0x7f);
}

} // namespace bathy::kernels
