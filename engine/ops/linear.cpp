#include "engine/ops/linear.h"

#include "engine/ops/check.h"
#include "engine/ops/dispatch.h"
#include "kernels/linear/linear.h"

namespace bathy::ops {

namespace {

// Rows are handed out in these units, so that kernels can work on several rows at once.
constexpr std::int64_t kRowUnit = 8;
// For few tokens the bytes of the weights are what takes time, above all when they come from the disk: a weight counts
// as so many multiply-adds at least, which makes pieces of a few megabytes.
constexpr std::int64_t kWorkPerWeight = 16;
// Rows of an embedding lie far apart: each may be one read from the disk.
constexpr std::int64_t kRowsPerLook = 8;

} // namespace

void linear(Context& context, const WeightView& weight, const float* x, std::int64_t tokens, float* y) {
    groupedLinear(context, weight, 1, x, tokens, y);
}

void groupedLinear(Context& context, const WeightView& weight, std::int64_t groups, const float* x, std::int64_t tokens,
                   float* y) {
    BATHY_OPS_CHECK(groups > 0 && weight.rows % groups == 0 && tokens >= 0);
    if (tokens == 0)
        return;
    const ScratchScope scope(context.scratch);
    const PerThread scratch(context, kernels::linearScratchFloats(weight, tokens));
    const auto rowsPerGroup = weight.rows / groups;
    const auto unitsPerGroup = (rowsPerGroup + kRowUnit - 1) / kRowUnit;
    const auto kernel = BATHY_OPS_PICK(context, linear);
    const auto workPerUnit = kRowUnit * weight.cols * tokens;
    const auto piece = itemsPerLook(kRowUnit * weight.cols * std::max(tokens, kWorkPerWeight));
    parallel(
        context, groups * unitsPerGroup, workPerUnit, piece, [&](std::int64_t begin, std::int64_t end, int worker) {
            while (begin < end) { // one piece for each group that the range touches
                const auto group = begin / unitsPerGroup;
                const auto stop = std::min(end, (group + 1) * unitsPerGroup);
                kernels::LinearJob job;
                job.weight = &weight;
                job.x = x + group * weight.cols;
                job.xStride = groups * weight.cols;
                job.rowBegin = group * rowsPerGroup + (begin - group * unitsPerGroup) * kRowUnit;
                job.rowEnd = group * rowsPerGroup + std::min(rowsPerGroup, (stop - group * unitsPerGroup) * kRowUnit);
                job.y = y + job.rowBegin;
                job.yStride = weight.rows;
                job.tokens = tokens;
                job.scratch = scratch[worker];
                kernel(job);
                begin = stop;
            }
        });
}

void gatherRows(Context& context, const WeightView& weight, std::span<const std::int32_t> rows, float* y) {
    parallel(context, static_cast<std::int64_t>(rows.size()), weight.cols, kRowsPerLook,
             [&](std::int64_t begin, std::int64_t end, int) {
                 for (auto t = begin; t < end; ++t) {
                     const auto row = rows[static_cast<std::size_t>(t)];
                     BATHY_OPS_CHECK(row >= 0 && row < weight.rows);
                     kernels::decodeWeightRow(weight, row, 0, weight.cols, y + t * weight.cols);
                 }
             });
}

} // namespace bathy::ops
