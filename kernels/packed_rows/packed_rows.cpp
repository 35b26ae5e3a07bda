#include "kernels/packed_rows/packed_rows.h"

#include "kernels/common/number_formats.h"
#include "kernels/quantize/quantize.h"

#include <algorithm>
#include <cstring>

namespace bathy::kernels {

namespace {

std::int64_t blocks(std::int64_t count, std::int64_t size) {
    return (count + size - 1) / size;
}

void packBf16(const float* values, std::int64_t count, std::byte* out) {
    for (std::int64_t i = 0; i < count; ++i) {
        const auto bits = floatToBf16(values[i]);
        std::memcpy(out + 2 * i, &bits, 2);
    }
}

void unpackBf16(const std::byte* in, std::int64_t count, float* values) {
    for (std::int64_t i = 0; i < count; ++i) {
        std::uint16_t bits = 0;
        std::memcpy(&bits, in + 2 * i, 2);
        values[i] = bf16ToFloat(bits);
    }
}

void packE4m3(const float* values, std::int64_t count, float scale, std::byte* out) {
    for (std::int64_t i = 0; i < count; ++i)
        out[i] = static_cast<std::byte>(floatToE4m3(values[i] / scale));
}

void unpackE4m3(const std::byte* in, std::int64_t count, float scale, float* values) {
    for (std::int64_t i = 0; i < count; ++i)
        values[i] = e4m3ToFloat(static_cast<std::uint8_t>(in[i])) * scale;
}

} // namespace

std::int64_t kvRowBytes(const KvRowLayout& layout) {
    const auto plain = layout.dim - layout.ropeDim;
    switch (layout.format) {
    case KvRowFormat::F32:
        return 4 * layout.dim;
    case KvRowFormat::Bf16:
        return 2 * layout.dim;
    case KvRowFormat::Packed:
        return plain + 2 * layout.ropeDim + blocks(blocks(plain, kKvScaleBlock), 8) * 8;
    }
    return 0;
}

void packKvRow(const KvRowLayout& layout, const float* values, std::byte* row) {
    if (layout.format == KvRowFormat::F32) {
        std::memcpy(row, values, static_cast<std::size_t>(4 * layout.dim));
        return;
    }
    if (layout.format == KvRowFormat::Bf16) {
        packBf16(values, layout.dim, row);
        return;
    }
    const auto plain = layout.dim - layout.ropeDim;
    auto* scales = row + plain + 2 * layout.ropeDim;
    std::fill(scales, row + kvRowBytes(layout), std::byte{0});
    for (std::int64_t begin = 0; begin < plain; begin += kKvScaleBlock) {
        const auto count = std::min(kKvScaleBlock, plain - begin);
        const float scale = fp8BlockScale(values + begin, count);
        packE4m3(values + begin, count, scale, row + begin);
        scales[begin / kKvScaleBlock] = static_cast<std::byte>(powerOfTwoToE8m0(scale));
    }
    packBf16(values + plain, layout.ropeDim, row + plain);
}

void unpackKvRow(const KvRowLayout& layout, const std::byte* row, float* values) {
    if (layout.format == KvRowFormat::F32) {
        std::memcpy(values, row, static_cast<std::size_t>(4 * layout.dim));
        return;
    }
    if (layout.format == KvRowFormat::Bf16) {
        unpackBf16(row, layout.dim, values);
        return;
    }
    const auto plain = layout.dim - layout.ropeDim;
    const auto* scales = row + plain + 2 * layout.ropeDim;
    for (std::int64_t begin = 0; begin < plain; begin += kKvScaleBlock) {
        const auto scale = e8m0ToFloat(static_cast<std::uint8_t>(scales[begin / kKvScaleBlock]));
        unpackE4m3(row + begin, std::min(kKvScaleBlock, plain - begin), scale, values + begin);
    }
    unpackBf16(row + plain, layout.ropeDim, values + plain);
}

std::int64_t indexKeyBytes(IndexKeyFormat format, std::int64_t dim) {
    switch (format) {
    case IndexKeyFormat::F32:
        return 4 * dim;
    case IndexKeyFormat::Bf16:
        return 2 * dim;
    case IndexKeyFormat::Fp8:
        return dim + 4;
    case IndexKeyFormat::Fp4:
        return dim / 2 + blocks(dim, kIndexScaleBlock);
    }
    return 0;
}

void packIndexKey(IndexKeyFormat format, std::int64_t dim, const float* values, std::byte* row) {
    switch (format) {
    case IndexKeyFormat::F32:
        std::memcpy(row, values, static_cast<std::size_t>(4 * dim));
        return;
    case IndexKeyFormat::Bf16:
        packBf16(values, dim, row);
        return;
    case IndexKeyFormat::Fp8: {
        const float scale = fp8BlockScale(values, dim);
        packE4m3(values, dim, scale, row);
        std::memcpy(row + dim, &scale, 4);
        return;
    }
    case IndexKeyFormat::Fp4:
        for (std::int64_t begin = 0; begin < dim; begin += kIndexScaleBlock) {
            const auto end = std::min(dim, begin + kIndexScaleBlock);
            const float scale = fp4BlockScale(values + begin, end - begin);
            row[dim / 2 + begin / kIndexScaleBlock] = static_cast<std::byte>(powerOfTwoToE8m0(scale));
            for (auto i = begin; i < end; i += 2)
                row[i / 2] =
                    static_cast<std::byte>(floatToE2m1(values[i] / scale) | (floatToE2m1(values[i + 1] / scale) << 4));
        }
        return;
    }
}

void unpackIndexKey(IndexKeyFormat format, std::int64_t dim, const std::byte* row, float* values) {
    switch (format) {
    case IndexKeyFormat::F32:
        std::memcpy(values, row, static_cast<std::size_t>(4 * dim));
        return;
    case IndexKeyFormat::Bf16:
        unpackBf16(row, dim, values);
        return;
    case IndexKeyFormat::Fp8: {
        float scale = 0;
        std::memcpy(&scale, row + dim, 4);
        unpackE4m3(row, dim, scale, values);
        return;
    }
    case IndexKeyFormat::Fp4:
        for (std::int64_t i = 0; i < dim; ++i) {
            const auto scale = e8m0ToFloat(static_cast<std::uint8_t>(row[dim / 2 + i / kIndexScaleBlock]));
            values[i] = e2m1ToFloat(static_cast<std::uint8_t>(row[i / 2]) >> (i % 2 * 4)) * scale;
        }
        return;
    }
}

} // namespace bathy::kernels
