#include "engine/ops/linear.h"

#include "engine/ops/activations.h"
#include "engine/ops/check.h"
#include "engine/ops/dispatch.h"
#include "kernels/linear/linear.h"
#include "kernels/transposed/transposed.h"

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
    BATHY_OPS_CHECK(groups > 0 && weight.rows % groups == 0);
    const auto rows = weight.rows / groups;
    headLinear(context, weight, {groups, rows, 0, rows}, {weight.cols, rows}, x, tokens, y);
}

void headLinear(Context& context, const WeightView& weight, const HeadRows& rows, const HeadStrides& strides,
                const float* x, std::int64_t tokens, float* y) {
    BATHY_OPS_CHECK(rows.first + rows.count <= rows.stride && rows.heads * rows.stride <= weight.rows && tokens >= 0);
    if (tokens == 0)
        return;
    const ScratchScope scope(context.scratch);
    Activations input(context, {x, tokens * rows.heads, weight.cols, strides.x});
    input.prepare(weight.dtype);
    const PerThread scratch(context, input.scratchFloats(weight, tokens));
    const auto unitsPerHead = (rows.count + kRowUnit - 1) / kRowUnit;
    const auto workPerUnit = kRowUnit * weight.cols * tokens;
    const auto piece = itemsPerLook(kRowUnit * weight.cols * std::max(tokens, kWorkPerWeight));
    parallel(context, rows.heads * unitsPerHead, workPerUnit, piece,
             [&](std::int64_t begin, std::int64_t end, int worker) {
                 while (begin < end) { // one piece for each head that the range touches
                     const auto head = begin / unitsPerHead;
                     const auto stop = std::min(end, (head + 1) * unitsPerHead);
                     const auto from = (begin - head * unitsPerHead) * kRowUnit;
                     const auto headRow = head * rows.stride + rows.first;
                     ProductJob job;
                     job.weight = &weight;
                     job.firstRow = head;
                     job.rowStep = rows.heads;
                     job.rowBegin = headRow + from;
                     job.rowEnd = headRow + std::min(rows.count, (stop - head * unitsPerHead) * kRowUnit);
                     job.y = y + head * strides.y + from;
                     job.yStride = rows.heads * strides.y;
                     job.tokens = tokens;
                     job.scratch = scratch[worker];
                     input.multiply(job);
                     begin = stop;
                 }
             });
}

void headLinearTransposed(Context& context, const WeightView& weight, const HeadRows& rows, const HeadStrides& strides,
                          const float* x, std::int64_t tokens, float* y) {
    BATHY_OPS_CHECK(rows.first + rows.count <= rows.stride && rows.heads * rows.stride <= weight.rows && tokens >= 0);
    const ScratchScope scope(context.scratch);
    const PerThread scratch(context, kernels::transposedScratchFloats(weight.cols));
    const auto kernel = BATHY_OPS_PICK(context, transposed);
    // Decoding a weight costs as much as a few multiply-adds.
    const auto workPerHead = rows.count * weight.cols * (tokens + 4);
    parallel(context, rows.heads, workPerHead, [&](std::int64_t begin, std::int64_t end, int worker) {
        for (auto head = begin; head < end; ++head) {
            kernels::TransposedJob job;
            job.weight = &weight;
            job.rowBegin = head * rows.stride + rows.first;
            job.rows = rows.count;
            job.x = x + head * strides.x;
            job.xStride = rows.heads * strides.x;
            job.y = y + head * strides.y;
            job.yStride = rows.heads * strides.y;
            job.tokens = tokens;
            job.scratch = scratch[worker];
            kernel(job);
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
