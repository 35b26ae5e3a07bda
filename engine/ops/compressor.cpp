#include "engine/ops/compressor.h"

#include "engine/ops/dispatch.h"

namespace bathy::ops {

void poolEntries(Context& context, const PoolShape& shape, std::int64_t entries, const float* const* u,
                 const float* const* z, float* out) {
    const auto rows = shape.rowsPerEntry();
    const auto kernel = BATHY_OPS_PICK(context, poolEntry);
    parallel(context, entries, 16 * rows * shape.width, [&](std::int64_t begin, std::int64_t end, int) {
        for (auto entry = begin; entry < end; ++entry)
            kernel(shape, u + entry * rows, z + entry * rows, out + entry * shape.width);
    });
}

} // namespace bathy::ops
