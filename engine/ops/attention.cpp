#include "engine/ops/attention.h"

#include "engine/ops/check.h"
#include "engine/ops/dispatch.h"

namespace bathy::ops {

namespace {

using kernels::AttentionJob;

// Each row is decoded once for all heads of a call, so calls for fewer heads cost more.
constexpr std::int64_t kFewestHeads = 16;

std::int64_t rowCount(const AttentionToken& token) {
    std::int64_t rows = 0;
    for (const auto& pick : token.picks)
        rows += pick.count;
    return rows;
}

void meanOverHeads(const float* probabilities, std::int64_t heads, std::int64_t rows, float* mass) {
    for (std::int64_t j = 0; j < rows; ++j) {
        double sum = 0;
        for (std::int64_t h = 0; h < heads; ++h)
            sum += probabilities[h * rows + j];
        mass[j] = static_cast<float>(sum / static_cast<double>(heads));
    }
}

AttentionJob jobOf(const AttentionShape& shape, const AttentionToken& token, std::int64_t headBegin,
                   std::int64_t headEnd) {
    AttentionJob job;
    job.heads = headEnd - headBegin;
    job.dim = shape.dim;
    job.valueOffset = shape.valueOffset;
    job.valueDim = shape.outDim();
    job.rowDim = shape.storedDim();
    job.scale = shape.scale;
    job.q = token.q + headBegin * shape.dim;
    job.sink = shape.sink ? shape.sink + headBegin : nullptr;
    job.out = token.out + headBegin * shape.outDim();
    job.picks = token.picks.data();
    job.pickCount = static_cast<std::int64_t>(token.picks.size());
    job.rows = rowCount(token);
    return job;
}

// Heads of one token split over the threads.
void attendSplit(Context& context, const AttentionShape& shape, const AttentionToken& token, const PerThread& scratch,
                 float* probabilities) {
    const auto rows = rowCount(token);
    const auto kernel = BATHY_OPS_PICK(context, attention);
    parallel(context, shape.heads, 2 * rows * shape.dim, [&](std::int64_t begin, std::int64_t end, int worker) {
        auto job = jobOf(shape, token, begin, end);
        job.probabilities = probabilities + begin * rows;
        job.scratch = scratch[worker];
        kernel(job);
    });
    if (token.mass)
        meanOverHeads(probabilities, shape.heads, rows, token.mass);
}

} // namespace

void attention(Context& context, const AttentionShape& shape, std::span<const AttentionToken> tokens) {
    std::int64_t mostRows = 0;
    for (const auto& token : tokens) {
        const auto rows = rowCount(token);
        BATHY_OPS_CHECK(rows > 0);
        mostRows = std::max(mostRows, rows);
    }
    const ScratchScope scope(context.scratch);
    const PerThread scratch(context, kernels::attentionScratchFloats(shape.storedDim()));
    const auto count = static_cast<std::int64_t>(tokens.size());
    if (count < 2 * context.pool.threadCount()) {
        const auto probabilities = context.scratch.take<float>(shape.heads * mostRows);
        for (const auto& token : tokens)
            attendSplit(context, shape, token, scratch, probabilities.data());
        return;
    }
    const PerThread probabilities(context, shape.heads * mostRows);
    const auto kernel = BATHY_OPS_PICK(context, attention);
    parallel(context, count, 2 * shape.heads * mostRows * shape.dim,
             [&](std::int64_t begin, std::int64_t end, int worker) {
                 for (auto t = begin; t < end; ++t) {
                     const auto& token = tokens[static_cast<std::size_t>(t)];
                     const auto rows = rowCount(token);
                     const auto heads = std::max(kFewestHeads, itemsPerLook(2 * rows * shape.dim));
                     for (std::int64_t h = 0; h < shape.heads && !context.stop.stop_requested(); h += heads) {
                         auto job = jobOf(shape, token, h, std::min(shape.heads, h + heads));
                         job.probabilities = probabilities[worker] + h * rows;
                         job.scratch = scratch[worker];
                         kernel(job);
                     }
                     if (token.mass)
                         meanOverHeads(probabilities[worker], shape.heads, rows, token.mass);
                 }
             });
}

} // namespace bathy::ops
