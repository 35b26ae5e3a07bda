#include "kernels/compressor/compressor.h"

#include <cmath>
#include <limits>

namespace bathy::kernels {

void poolEntryReference(const PoolShape& shape, const float* const* u, const float* const* z, float* out) {
    const auto rows = shape.rowsPerEntry();
    for (std::int64_t c = 0; c < shape.width; ++c) {
        // Rows of the window itself contribute their second half when windows overlap.
        const auto column = [&](std::int64_t row) { return shape.overlap && row >= shape.ratio ? c + shape.width : c; };
        float largest = -std::numeric_limits<float>::infinity();
        for (std::int64_t row = 0; row < rows; ++row)
            if (u[row])
                largest = std::fmax(largest, z[row][column(row)]);
        double sum = 0;
        double weighted = 0;
        for (std::int64_t row = 0; row < rows; ++row) {
            if (!u[row])
                continue;
            const double weight = std::exp(static_cast<double>(z[row][column(row)]) - largest);
            sum += weight;
            weighted += weight * u[row][column(row)];
        }
        out[c] = static_cast<float>(weighted / sum);
    }
}

} // namespace bathy::kernels
