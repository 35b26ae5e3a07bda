// One row of the transforms of spec 4.4 and 2.7, in place. Exact grids: there is one variant only, because every result
// is determined bit by bit.
#pragma once

#include <cstdint>

namespace bathy::kernels {

// Natural-order Walsh-Hadamard, scaled by width^(-1/2); width a power of two.
void hadamardRow(float* x, std::int64_t width);

// x = s * e4m3(clamp(x / s, +-448)), s = 2^ceil(log2(max(amax, 1e-4) / 448)) for each block.
void fp8GridRow(float* x, std::int64_t columns, std::int64_t block);
// x = s * e2m1(clamp(x / s, +-6)), s = 2^ceil(log2(max(amax, 6 * 2^-126) / 6)) for each block.
void fp4GridRow(float* x, std::int64_t columns, std::int64_t block);

// out[i] = x[i] through F16: round to nearest even, infinity beyond 65504. out may be x.
void halfGridRow(const float* x, std::int64_t columns, float* out);

// The block scales used above.
float fp8BlockScale(const float* x, std::int64_t count);
float fp4BlockScale(const float* x, std::int64_t count);

} // namespace bathy::kernels
