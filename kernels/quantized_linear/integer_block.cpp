#include "kernels/quantized_linear/integer_block.h"

#include "kernels/common/block_fields.h"
#include "kernels/common/block_formats.h"
#include "kernels/common/block_tables.h"
#include "kernels/common/number_formats.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace bathy::kernels {

namespace {

std::int16_t small(int value) {
    return static_cast<std::int16_t>(value);
}

void setScale(IntegerBlock& block, float d) {
    std::fill_n(block.d, 4, d);
}

// `fifth`: where the fifth bits stand, or null.
void readNibbles(IntegerBlock& block, const std::byte* qs, const std::byte* fifth, int less) {
    for (int e = 0; e < 32; ++e) {
        const int high = fifth ? static_cast<int>(wordAt(fifth) >> e & 1) : 0;
        block.code[e] = small((nibbleAt(qs, e) | high << 4) - less);
    }
}

void readTable(IntegerBlock& block, const std::byte* qs, const std::int8_t* table, int first) {
    for (int e = 0; e < 32; ++e)
        block.code[first + e] = table[nibbleAt(qs, e)];
}

void readQ8_0(IntegerBlock& block, const std::byte* b) {
    for (int e = 0; e < 32; ++e)
        block.code[e] = static_cast<std::int8_t>(byteAt(b + 2, e));
}

void readNvfp4(IntegerBlock& block, const std::byte* b) {
    block.elements = 64;
    for (int s = 0; s < 4; ++s) {
        block.d[s] = ue4m3ToFloat(static_cast<std::uint8_t>(b[s])) * 0.5f;
        for (int j = 0; j < 16; ++j)
            block.code[16 * s + j] = kTwiceE2m1[byteAt(b + 4, 8 * s + j % 8) >> (j < 8 ? 0 : 4) & 15];
    }
}

void readQ2_K(IntegerBlock& block, const std::byte* b) {
    for (int e = 0; e < 256; ++e)
        block.code[e] = small(byteAt(b + 16, e / 128 * 32 + e % 32) >> (e % 128 / 32 * 2) & 3);
    for (int s = 0; s < 16; ++s) {
        block.scale[s] = small(byteAt(b, s) & 15);
        block.min[s] = small(byteAt(b, s) >> 4);
    }
    setScale(block, halfAt(b + 80));
    block.hasMinimum = true;
    block.minimum = -halfAt(b + 82);
}

void readQ3_K(IntegerBlock& block, const std::byte* b) {
    for (int e = 0; e < 256; ++e) {
        const int high = byteAt(b, e % 32) >> (e / 32) & 1;
        block.code[e] = small((byteAt(b + 32, e / 128 * 32 + e % 32) >> (e % 128 / 32 * 2) & 3) - (high ? 0 : 4));
    }
    const auto* scales = b + 96;
    for (int s = 0; s < 16; ++s) {
        const int low = s < 8 ? byteAt(scales, s) & 15 : byteAt(scales, s - 8) >> 4;
        const int high = byteAt(scales, 8 + s % 4) >> (s / 4 * 2) & 3;
        block.scale[s] = small((low | high << 4) - 32);
    }
    setScale(block, halfAt(b + 108));
}

// Q4_K and, with the fifth bits at `high`, Q5_K.
void readSixBitScales(IntegerBlock& block, const std::byte* b, const std::byte* qs, const std::byte* high) {
    for (int e = 0; e < 256; ++e) {
        const int fifth = high ? byteAt(high, e % 32) >> (e / 32) & 1 : 0;
        block.code[e] = small((byteAt(qs, e / 64 * 32 + e % 32) >> (e / 32 % 2 * 4) & 15) | fifth << 4);
    }
    const auto* p = b + 4;
    for (int s = 0; s < 16; ++s) {
        const int g = s / 2;
        block.scale[s] = small(g < 4 ? byteAt(p, g) & 63 : (byteAt(p, g + 4) & 15) | byteAt(p, g - 4) >> 6 << 4);
        block.min[s] = small(g < 4 ? byteAt(p, g + 4) & 63 : byteAt(p, g + 4) >> 4 | byteAt(p, g) >> 6 << 4);
    }
    setScale(block, halfAt(b));
    block.hasMinimum = true;
    block.minimum = -halfAt(b + 2);
}

void readQ6_K(IntegerBlock& block, const std::byte* b) {
    for (int e = 0; e < 256; ++e) {
        const int n = e / 128;
        const int g = e % 128 / 32;
        const int low = byteAt(b, 64 * n + 32 * (g & 1) + e % 32) >> (g < 2 ? 0 : 4) & 15;
        block.code[e] = small(low | (byteAt(b + 128, 32 * n + e % 32) >> (2 * g) & 3) << 4);
    }
    for (int s = 0; s < 16; ++s)
        block.scale[s] = block.min[s] = static_cast<std::int8_t>(byteAt(b + 192, s));
    block.offset = 32;
    setScale(block, halfAt(b + 208));
}

void readIQ2_XXS(IntegerBlock& block, const std::byte* b) {
    for (int group = 0; group < 8; ++group) {
        const auto* p = b + 2 + 8 * group;
        const auto word = wordAt(p + 4);
        for (int e = 0; e < 32; ++e) {
            const auto seven = word >> (7 * (e / 8)) & 127;
            const auto signs = seven | static_cast<std::uint32_t>(std::popcount(seven) & 1) << 7;
            const int value = static_cast<int>(kIq2XxsGrid[byteAt(p, e / 8)] >> (8 * (e % 8)) & 255);
            block.code[32 * group + e] = small((signs >> (e % 8) & 1) != 0 ? -value : value);
        }
        block.scale[2 * group] = block.scale[2 * group + 1] = small(2 * static_cast<int>(word >> 28) + 1);
    }
    setScale(block, halfAt(b) * 0.125f);
}

void readIQ4_XS(IntegerBlock& block, const std::byte* b) {
    const int scalesHigh = byteAt(b, 2) | byteAt(b, 3) << 8;
    for (int s = 0; s < 8; ++s) {
        const int low = byteAt(b + 4, s / 2) >> (s % 2 * 4) & 15;
        block.scale[2 * s] = block.scale[2 * s + 1] = small((low | (scalesHigh >> (2 * s) & 3) << 4) - 32);
        readTable(block, b + 8 + 16 * s, kIq4Values, 32 * s);
    }
    setScale(block, halfAt(b));
}

void read256(IntegerBlock& block, DType dtype, const std::byte* b) {
    block.elements = 256;
    switch (dtype) {
    case DType::Q2_K:
        return readQ2_K(block, b);
    case DType::Q3_K:
        return readQ3_K(block, b);
    case DType::Q4_K:
        return readSixBitScales(block, b, b + 16, nullptr);
    case DType::Q5_K:
        return readSixBitScales(block, b, b + 48, b + 16);
    case DType::Q6_K:
        return readQ6_K(block, b);
    case DType::IQ2_XXS:
        return readIQ2_XXS(block, b);
    default:
        return readIQ4_XS(block, b);
    }
}

} // namespace

IntegerBlock readIntegerBlock(DType dtype, const std::byte* b) {
    IntegerBlock block;
    if (dtypeBlock(dtype).elements == 256) {
        read256(block, dtype, b);
        return block;
    }
    std::fill_n(block.scale, 16, std::int16_t{1});
    setScale(block, dtype == DType::MXFP4 ? e8m0ToFloat(static_cast<std::uint8_t>(b[0])) * 0.5f : halfAt(b));
    block.hasMinimum = dtype == DType::Q4_1 || dtype == DType::Q5_1;
    if (block.hasMinimum)
        block.minimum = halfAt(b + 2);
    switch (dtype) {
    case DType::Q4_0:
        readNibbles(block, b + 2, nullptr, 8);
        break;
    case DType::Q4_1:
        readNibbles(block, b + 4, nullptr, 0);
        break;
    case DType::Q5_0:
        readNibbles(block, b + 6, b + 2, 16);
        break;
    case DType::Q5_1:
        readNibbles(block, b + 8, b + 4, 0);
        break;
    case DType::Q8_0:
        readQ8_0(block, b);
        break;
    case DType::IQ4_NL:
        readTable(block, b + 2, kIq4Values, 0);
        break;
    case DType::MXFP4:
        readTable(block, b + 1, kTwiceE2m1, 0);
        break;
    default:
        readNvfp4(block, b);
        break;
    }
    return block;
}

} // namespace bathy::kernels
