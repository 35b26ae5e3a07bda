// Rows of floats in a stored form. Pure, any thread. For converting files and making test weights, not for speed.
#pragma once

#include "engine/base/dtype.h"

#include <cstddef>
#include <cstdint>

namespace bathy::kernels {

// F32, F16, BF16, Q8_0 and MXFP4.
bool canEncode(DType dtype);

// `count` floats, whole blocks, to dtypeBytes(dtype, count) bytes. F16 and BF16 round to nearest even, F16 keeps what is
// too large as infinity. Q8_0: d = amax / 127 as F16, q = round(x / d). MXFP4: the power of two that puts the largest
// value between 4 and 8 before it saturates at 6, then the nearest of the sixteen values; values that come from MXFP4
// come back exactly.
void encodeRow(DType dtype, const float* values, std::int64_t count, std::byte* out);

} // namespace bathy::kernels
