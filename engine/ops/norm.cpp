#include "engine/ops/norm.h"

#include "engine/ops/dispatch.h"
#include "kernels/common/number_formats.h"
#include "kernels/norm/norm.h"

namespace bathy::ops {

namespace {

void normRows(Context& context, const float* x, const float* weight, float eps, std::int64_t rows, std::int64_t width,
              float* y) {
    const auto kernel = BATHY_OPS_PICK(context, rmsNormRow);
    parallel(context, rows, 2 * width, [&](std::int64_t begin, std::int64_t end, int) {
        for (auto row = begin; row < end; ++row)
            kernel(x + row * width, weight, eps, width, y + row * width);
    });
}

} // namespace

void rmsNorm(Context& context, const float* x, std::span<const float> weight, float eps, std::int64_t tokens,
             float* y) {
    normRows(context, x, weight.data(), eps, tokens, static_cast<std::int64_t>(weight.size()), y);
}

void rmsNormRows(Context& context, const float* x, std::int64_t rows, std::int64_t width, float eps, float* y) {
    normRows(context, x, nullptr, eps, rows, width, y);
}

void layerNorm(Context& context, const float* x, std::span<const float> weight, std::span<const float> bias, float eps,
               std::int64_t tokens, float* y) {
    const auto width = static_cast<std::int64_t>(weight.size());
    parallel(context, tokens, 8 * width, [&](std::int64_t begin, std::int64_t end, int) {
        for (auto t = begin; t < end; ++t)
            kernels::layerNormRow(x + t * width, weight.data(), bias.data(), eps, width, y + t * width);
    });
}

void roundToBf16(Context& context, std::span<float> x) {
    parallel(context, static_cast<std::int64_t>(x.size()), 1, [&](std::int64_t begin, std::int64_t end, int) {
        for (auto& value : x.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)))
            value = kernels::roundToBf16(value);
    });
}

} // namespace bathy::ops
