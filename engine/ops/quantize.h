// The quantisation grids that production weights were trained with (spec 4.4), applied to float32 in place.
#pragma once

#include "engine/ops/context.h"

namespace bathy::ops {

// Walsh-Hadamard transform of each row of x [rows, width], natural order, scaled by width^(-1/2); width a power of two.
void hadamard(Context& context, float* x, std::int64_t rows, std::int64_t width);

struct GridShape {
    std::int64_t rows = 0;
    std::int64_t stride = 0;  // floats between rows
    std::int64_t columns = 0; // leading columns of each row that are quantised; the last block may be short
    std::int64_t block = 64;
};

// Per block: s = 2^ceil(log2(max(amax, 1e-4) / 448)); x = s * e4m3(clamp(x / s, +-448)).
void fp8Grid(Context& context, const GridShape& shape, float* x);
// Per block: s = 2^ceil(log2(max(amax, 6 * 2^-126) / 6)); x = s * e2m1(clamp(x / s, +-6)), ties to the even code.
void fp4Grid(Context& context, const GridShape& shape, float* x);

} // namespace bathy::ops
