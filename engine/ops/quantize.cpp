#include "engine/ops/quantize.h"

#include "engine/ops/check.h"
#include "engine/ops/dispatch.h"
#include "kernels/quantize/quantize.h"

#include <bit>

namespace bathy::ops {

void hadamard(Context& context, float* x, std::int64_t rows, std::int64_t width) {
    BATHY_OPS_CHECK(width > 0 && std::has_single_bit(static_cast<std::uint64_t>(width)));
    parallel(context, rows, 8 * width, [&](std::int64_t begin, std::int64_t end, int) {
        for (auto row = begin; row < end; ++row)
            kernels::hadamardRow(x + row * width, width);
    });
}

void fp8Grid(Context& context, const GridShape& shape, float* x) {
    BATHY_OPS_CHECK(shape.block > 0 && shape.columns <= shape.stride);
    parallel(context, shape.rows, 16 * shape.columns, [&](std::int64_t begin, std::int64_t end, int) {
        for (auto row = begin; row < end; ++row)
            kernels::fp8GridRow(x + row * shape.stride, shape.columns, shape.block);
    });
}

void fp4Grid(Context& context, const GridShape& shape, float* x) {
    BATHY_OPS_CHECK(shape.block > 0 && shape.columns <= shape.stride);
    parallel(context, shape.rows, 16 * shape.columns, [&](std::int64_t begin, std::int64_t end, int) {
        for (auto row = begin; row < end; ++row)
            kernels::fp4GridRow(x + row * shape.stride, shape.columns, shape.block);
    });
}

} // namespace bathy::ops
