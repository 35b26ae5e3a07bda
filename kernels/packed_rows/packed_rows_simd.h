// Unpacking of cache rows over lanes V; the same values, bit for bit, as packed_rows.h. Private to SIMD files.
#pragma once

#include "kernels/packed_rows/packed_rows.h"

namespace bathy::kernels {

template <class V>
inline void unpackBf16Simd(const std::byte* in, std::int64_t count, float* out) {
    std::int64_t i = 0;
    for (; i + V::kLanes <= count; i += V::kLanes)
        V::store(out + i, V::loadBf16(in + 2 * i));
    if (i < count)
        V::store(out + i, V::loadBf16(in + 2 * i, count - i), count - i);
}

template <class V>
inline void unpackE4m3Simd(const std::byte* in, std::int64_t count, typename V::F scale, float* out) {
    const auto gain = V::set1(256.0f);
    std::int64_t i = 0;
    for (; i + V::kLanes <= count; i += V::kLanes)
        V::store(out + i, V::mul(V::mul(V::loadE4m3(in + i), gain), scale));
    if (i < count)
        V::store(out + i, V::mul(V::mul(V::loadE4m3(in + i, count - i), gain), scale), count - i);
}

template <class V>
inline void unpackKvRowSimd(const KvRowLayout& layout, const std::byte* row, float* out) {
    const auto plain = layout.dim - layout.ropeDim;
    if (layout.format == KvRowFormat::Bf16)
        return unpackBf16Simd<V>(row, layout.dim, out);
    if (layout.format != KvRowFormat::Packed || V::anyE4m3Nan(row, plain))
        return unpackKvRow(layout, row, out);
    const auto* scales = row + plain + 2 * layout.ropeDim;
    for (std::int64_t c = 0; c < plain; c += kKvScaleBlock) {
        const auto count = plain - c < kKvScaleBlock ? plain - c : kKvScaleBlock;
        float scale[V::kLanes];
        V::store(scale, V::loadE8m0(scales + c / kKvScaleBlock, 1));
        unpackE4m3Simd<V>(row + c, count, V::set1(scale[0]), out + c);
    }
    unpackBf16Simd<V>(row + plain, layout.ropeDim, out + plain);
}

template <class V>
inline void unpackIndexKeySimd(IndexKeyFormat format, std::int64_t dim, const std::byte* row, float* out) {
    if (format == IndexKeyFormat::Bf16)
        return unpackBf16Simd<V>(row, dim, out);
    if (format == IndexKeyFormat::Fp8 && !V::anyE4m3Nan(row, dim)) {
        float scale = 0;
        __builtin_memcpy(&scale, row + dim, 4);
        return unpackE4m3Simd<V>(row, dim, V::set1(scale), out);
    }
    if (format != IndexKeyFormat::Fp4 || dim % kIndexScaleBlock != 0)
        return unpackIndexKey(format, dim, row, out);
    for (std::int64_t c = 0; c < dim; c += 2 * V::kLanes) {
        float scale[V::kLanes];
        V::store(scale, V::loadE8m0(row + dim / 2 + c / kIndexScaleBlock, 1));
        const auto values = V::interleave(V::loadE2m1(row + c / 2, V::set1(scale[0])));
        V::store(out + c, values.even);
        V::store(out + c + V::kLanes, values.odd);
    }
}

} // namespace bathy::kernels
