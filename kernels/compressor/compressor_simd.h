// Pooling over lanes V: lanes are channels, so that every channel adds its rows in order.
#pragma once

#include "kernels/common/simd_math.h"
#include "kernels/compressor/compressor.h"

namespace bathy::kernels {

template <class V>
inline void poolEntrySimd(const PoolShape& shape, const float* const* u, const float* const* z, float* out) {
    using F = typename V::F;
    const auto rows = shape.rowsPerEntry();
    for (std::int64_t c = 0; c < shape.width; c += V::kLanes) {
        const auto left = shape.width - c;
        const bool whole = left >= V::kLanes;
        const auto load = [&](const float* row, std::int64_t index) {
            const float* p = row + c + (shape.overlap && index >= shape.ratio ? shape.width : 0);
            return whole ? V::load(p) : V::load(p, left);
        };
        F largest = V::set1(-__builtin_inff());
        for (std::int64_t row = 0; row < rows; ++row)
            if (u[row])
                largest = V::max(largest, load(z[row], row));
        F sum = V::zero();
        F weighted = V::zero();
        for (std::int64_t row = 0; row < rows; ++row) {
            if (!u[row])
                continue;
            const F weight = expLanes<V>(V::sub(load(z[row], row), largest));
            sum = V::add(sum, weight);
            weighted = V::fma(weight, load(u[row], row), weighted);
        }
        const F entry = V::div(weighted, sum);
        if (whole)
            V::store(out + c, entry);
        else
            V::store(out + c, entry, left);
    }
}

} // namespace bathy::kernels
