// Transposed product over lanes V: a few rows are decoded and added to the results of all tokens.
#pragma once

#include "kernels/linear/linear.h"
#include "kernels/packed_rows/packed_rows_simd.h"
#include "kernels/transposed/transposed.h"

namespace bathy::kernels {

// Row `row` as floats: in place where it is stored so, else in `room`.
template <class V>
inline const float* openTransposedRow(const WeightView& weight, std::int64_t row, float* room) {
    const auto* bytes = weight.data + row * weight.rowBytes;
    if (weight.dtype == DType::F32)
        return reinterpret_cast<const float*>(bytes); // read with unaligned loads only
    if (weight.dtype == DType::BF16)
        unpackBf16Simd<V>(bytes, weight.cols, room);
    else
        decodeWeightRow(weight, row, 0, weight.cols, room);
    return room;
}

template <class V>
inline void addTransposedRows(const TransposedJob& job, std::int64_t first, std::int64_t count,
                              const float* const* rows) {
    const auto cols = job.weight->cols;
    for (std::int64_t t = 0; t < job.tokens; ++t) {
        const float* x = job.x + t * job.xStride + first;
        float* y = job.y + t * job.yStride;
        for (std::int64_t i = 0; i < cols; i += V::kLanes) {
            const auto left = cols - i;
            const bool whole = left >= V::kLanes;
            auto sum = first == 0 ? V::zero() : whole ? V::load(y + i) : V::load(y + i, left);
            for (std::int64_t r = 0; r < count; ++r)
                sum = V::fma(V::set1(x[r]), whole ? V::load(rows[r] + i) : V::load(rows[r] + i, left), sum);
            if (whole)
                V::store(y + i, sum);
            else
                V::store(y + i, sum, left);
        }
    }
}

template <class V>
inline void transposedSimd(const TransposedJob& job) {
    const float* rows[kTransposedRows];
    for (std::int64_t first = 0; first < job.rows; first += kTransposedRows) {
        const auto count = job.rows - first < kTransposedRows ? job.rows - first : kTransposedRows;
        for (std::int64_t r = 0; r < count; ++r)
            rows[r] = openTransposedRow<V>(*job.weight, job.rowBegin + first + r, job.scratch + r * job.weight->cols);
        addTransposedRows<V>(job, first, count, rows);
    }
}

} // namespace bathy::kernels
