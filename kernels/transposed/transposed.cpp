#include "kernels/transposed/transposed.h"

#include "kernels/linear/linear.h"

#include <algorithm>

namespace bathy::kernels {

std::int64_t transposedScratchFloats(std::int64_t cols) {
    return kTransposedRows * cols;
}

// A row of float and a row of double sums fit the scratch of four rows.
void transposedReference(const TransposedJob& job) {
    const auto cols = job.weight->cols;
    auto* sums = reinterpret_cast<double*>(job.scratch);
    auto* row = job.scratch + 2 * cols;
    for (std::int64_t t = 0; t < job.tokens; ++t) {
        std::fill_n(sums, cols, 0.0);
        for (std::int64_t r = 0; r < job.rows; ++r) {
            decodeWeightRow(*job.weight, job.rowBegin + r, 0, cols, row);
            for (std::int64_t i = 0; i < cols; ++i)
                sums[i] += static_cast<double>(row[i]) * job.x[t * job.xStride + r];
        }
        for (std::int64_t i = 0; i < cols; ++i)
            job.y[t * job.yStride + i] = static_cast<float>(sums[i]);
    }
}

} // namespace bathy::kernels
