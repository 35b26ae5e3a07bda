// Pooling of the compressor (spec 2.6): one entry out of a window of tokens, per channel a softmax over the rows of z
// and the weighted sum of the same rows of u.
#pragma once

#include "engine/ops/context.h"
#include "kernels/compressor/compressor.h"

namespace bathy::ops {

using kernels::PoolShape;

// out [entries, width]. u and z hold shape.rowsPerEntry() row pointers for each entry, z with ape added. A null u row
// is missing (weight exactly 0); at least one row of each entry must be there.
//   not overlapping: the r tokens of the window, rows of `width`;
//   overlapping:     the r tokens of the window before (their first `width` values count), then the r tokens of the
//                    window itself (their second `width` values count); rows of 2 * width.
void poolEntries(Context& context, const PoolShape& shape, std::int64_t entries, const float* const* u,
                 const float* const* z, float* out);

} // namespace bathy::ops
