#include "engine/ops/indexer.h"

#include "engine/ops/check.h"
#include "engine/ops/dispatch.h"

#include <limits>
#include <numeric>

namespace bathy::ops {

namespace {

using kernels::IndexScoreJob;

// Keys are handed out in these units.
constexpr std::int64_t kKeyUnit = 64;

IndexScoreJob jobOf(const IndexKeys& keys, const IndexQueries& queries, std::int64_t token) {
    IndexScoreJob job;
    job.keys = &keys;
    job.heads = queries.heads;
    job.q = queries.q + token * queries.heads * keys.dim;
    job.weights = queries.weights + token * queries.heads;
    return job;
}

// Scores of the visible entries of one token, keys split over the threads.
void scoreToken(Context& context, const IndexKeys& keys, const IndexQueries& queries, std::int64_t token,
                const PerThread& scratch, float* scores) {
    const auto kernel = BATHY_OPS_PICK(context, indexScores);
    const auto visible = queries.visible[token];
    parallel(context, (visible + kKeyUnit - 1) / kKeyUnit, kKeyUnit * queries.heads * keys.dim,
             [&](std::int64_t begin, std::int64_t end, int worker) {
                 auto job = jobOf(keys, queries, token);
                 job.begin = begin * kKeyUnit;
                 job.end = std::min(visible, end * kKeyUnit);
                 job.scores = scores + job.begin;
                 job.scratch = scratch[worker];
                 kernel(job);
             });
}

} // namespace

void indexScores(Context& context, const IndexKeys& keys, const IndexQueries& queries, float* scores) {
    const ScratchScope scope(context.scratch);
    const PerThread scratch(context, kernels::indexScratchFloats(queries.heads, keys.dim));
    for (std::int64_t t = 0; t < queries.tokens; ++t) {
        auto* row = scores + t * keys.count;
        BATHY_OPS_CHECK(queries.visible[t] <= keys.count);
        scoreToken(context, keys, queries, t, scratch, row);
        std::fill(row + queries.visible[t], row + keys.count, -std::numeric_limits<float>::infinity());
    }
}

void indexSelect(Context& context, const IndexKeys& keys, const IndexQueries& queries, std::int64_t topK,
                 std::int32_t* picks, std::int32_t* counts) {
    const ScratchScope scope(context.scratch);
    const PerThread scratch(context, kernels::indexScratchFloats(queries.heads, keys.dim));
    const auto select = [&](std::int64_t token, const float* scores) {
        const auto visible = queries.visible[token];
        counts[token] = static_cast<std::int32_t>(
            kernels::selectLargest(scores, visible, std::min(topK, visible), picks + token * topK));
    };
    const auto kernel = BATHY_OPS_PICK(context, indexScores);
    if (queries.tokens < 2 * context.pool.threadCount()) { // too few tokens to keep the threads busy: split the keys
        const auto scores = context.scratch.take<float>(keys.count);
        for (std::int64_t t = 0; t < queries.tokens; ++t) {
            BATHY_OPS_CHECK(queries.visible[t] <= keys.count);
            if (queries.visible[t] > topK)
                scoreToken(context, keys, queries, t, scratch, scores.data());
            select(t, scores.data());
        }
        return;
    }
    const PerThread scores(context, keys.count);
    const auto keysPerLook = std::max(kKeyUnit, itemsPerLook(queries.heads * keys.dim) / kKeyUnit * kKeyUnit);
    parallel(context, queries.tokens, keys.count * queries.heads * keys.dim,
             [&](std::int64_t begin, std::int64_t end, int worker) {
                 for (auto t = begin; t < end; ++t) {
                     BATHY_OPS_CHECK(queries.visible[t] <= keys.count);
                     if (queries.visible[t] > topK) {
                         auto job = jobOf(keys, queries, t);
                         job.scratch = scratch[worker];
                         for (; job.begin < queries.visible[t] && !context.stop.stop_requested(); job.begin = job.end) {
                             job.end = std::min(queries.visible[t], job.begin + keysPerLook);
                             job.scores = scores[worker] + job.begin;
                             kernel(job);
                         }
                     }
                     select(t, scores[worker]);
                 }
             });
}

std::int64_t selectTopK(std::span<const float> scores, std::int64_t topK, std::int32_t* picks) {
    return kernels::selectLargest(scores.data(), static_cast<std::int64_t>(scores.size()), topK, picks);
}

} // namespace bathy::ops
