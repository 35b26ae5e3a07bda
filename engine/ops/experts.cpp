#include "engine/ops/experts.h"

#include "engine/ops/check.h"
#include "engine/ops/dispatch.h"
#include "kernels/experts/swiglu.h"
#include "kernels/linear/linear.h"

namespace bathy::ops {

namespace {

// Inner rows of an expert that one thread works on at a time; keeps gate and up in its cache.
constexpr std::int64_t kInnerBlock = 128;
constexpr std::int64_t kRowUnit = 8;
// Rows of a matrix are worked on in multiples of what the kernels take at once.
constexpr std::int64_t kTileRows = 16;
// For few tokens the bytes of the weights are what takes time: see linear.cpp.
constexpr std::int64_t kWorkPerWeight = 16;

// Rows of `cols` weights, met by `tokens` tokens, between two looks at the stop token.
std::int64_t rowsPerLook(std::int64_t cols, std::int64_t tokens, std::int64_t most) {
    const auto rows = itemsPerLook(cols * std::max(tokens, kWorkPerWeight));
    return std::max(2 * kTileRows, std::min(rows / kTileRows * kTileRows, most));
}

// The (token, slot) pairs sorted by expert, the shared expert last with all tokens.
struct Assignment {
    std::span<std::int32_t> begin; // [experts + 2] first pair of each expert
    std::span<std::int32_t> token; // [pairs]
    std::span<float> weight;       // [pairs]
    std::int64_t experts = 0;      // routed + 1 when there is a shared one
    std::int64_t pairs = 0;
};

Assignment assign(Scratch& scratch, const ExpertsJob& job) {
    const auto routed = static_cast<std::int64_t>(job.experts.size());
    const auto slots = job.tokens * job.chosenPerToken;
    const auto routedPairs = slots - std::count(job.chosen, job.chosen + slots, -1);
    Assignment a;
    a.experts = routed + (job.shared ? 1 : 0);
    a.pairs = routedPairs + (job.shared ? job.tokens : 0);
    a.begin = scratch.take<std::int32_t>(routed + 2);
    a.token = scratch.take<std::int32_t>(a.pairs);
    a.weight = scratch.take<float>(a.pairs);
    std::fill(a.begin.begin(), a.begin.end(), 0);
    for (std::int64_t i = 0; i < slots; ++i) {
        BATHY_OPS_CHECK(job.chosen[i] >= -1 && job.chosen[i] < routed);
        if (job.chosen[i] >= 0)
            ++a.begin[static_cast<std::size_t>(job.chosen[i]) + 1];
    }
    for (std::size_t e = 1; e < a.begin.size(); ++e)
        a.begin[e] += a.begin[e - 1];
    for (std::int64_t i = 0; i < slots; ++i) { // begin[e] becomes the end of e ...
        if (job.chosen[i] < 0)
            continue;
        const auto slot = static_cast<std::size_t>(a.begin[static_cast<std::size_t>(job.chosen[i])]++);
        a.token[slot] = static_cast<std::int32_t>(i / job.chosenPerToken);
        a.weight[slot] = job.weights[i];
    }
    for (auto e = static_cast<std::size_t>(routed); e > 0; --e) // ... and its begin again
        a.begin[e] = a.begin[e - 1];
    a.begin[0] = 0;
    a.begin[static_cast<std::size_t>(routed)] = static_cast<std::int32_t>(routedPairs);
    for (std::int64_t i = routedPairs; i < a.pairs; ++i) {
        a.token[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(i - routedPairs);
        a.weight[static_cast<std::size_t>(i)] = 1.0f;
    }
    a.begin[static_cast<std::size_t>(routed) + 1] = static_cast<std::int32_t>(a.pairs);
    return a;
}

} // namespace

void runExperts(Context& context, const ExpertsJob& job) {
    BATHY_OPS_CHECK(job.tokens >= 0 && (!job.experts.empty() || job.shared));
    if (job.tokens == 0)
        return;
    const auto& shape = job.shared ? *job.shared : job.experts.front();
    // The shared expert may be wider than the routed ones.
    const auto inner = std::max(shape.w1.rows, job.experts.empty() ? 0 : job.experts.front().w1.rows);
    const auto channels = shape.w2.rows;
    const ScratchScope scope(context.scratch);
    const auto assignment = assign(context.scratch, job);
    const auto expertAt = [&](std::int64_t e) -> const ExpertWeights& {
        return e < static_cast<std::int64_t>(job.experts.size()) ? job.experts[static_cast<std::size_t>(e)]
                                                                 : *job.shared;
    };
    const auto hidden = context.scratch.take<float>(assignment.pairs * inner);
    const auto linearScratch = std::max(
        {kernels::linearScratchFloats(shape.w1, job.tokens), kernels::linearScratchFloats(shape.w2, job.tokens),
         job.experts.empty() ? 0 : kernels::linearScratchFloats(job.experts[0].w1, job.tokens),
         job.experts.empty() ? 0 : kernels::linearScratchFloats(job.experts[0].w2, job.tokens)});
    const auto linearRounded = (linearScratch + 15) / 16 * 16;
    const PerThread scratch(context, linearRounded + 2 * job.tokens * kInnerBlock);
    const auto linearKernel = BATHY_OPS_PICK(context, linear);
    const auto swiglu = BATHY_OPS_PICK(context, swiglu);

    // Every thread takes the same slice of each expert, so the load is even whatever the routing.
    const auto innerUnits = (inner + kRowUnit - 1) / kRowUnit;
    const auto upWork = 2 * kRowUnit * shape.w1.cols * assignment.pairs;
    parallel(context, innerUnits, upWork, innerUnits, [&](std::int64_t begin, std::int64_t end, int worker) {
        auto* gate = scratch[worker] + linearRounded;
        auto* up = gate + job.tokens * kInnerBlock;
        for (std::int64_t e = 0; e < assignment.experts; ++e) {
            const auto first = assignment.begin[static_cast<std::size_t>(e)];
            const auto count = assignment.begin[static_cast<std::size_t>(e) + 1] - first;
            if (count == 0)
                continue;
            const auto& expert = expertAt(e);
            const auto rowEnd = std::min(expert.w1.rows, end * kRowUnit);
            const auto block = rowsPerLook(2 * shape.w1.cols, count, kInnerBlock);
            for (auto row = begin * kRowUnit; row < rowEnd && !context.stop.stop_requested(); row += block) {
                kernels::LinearJob linear;
                linear.x = job.x;
                linear.xStride = shape.w1.cols;
                linear.xRows = assignment.token.data() + first;
                linear.yStride = kInnerBlock;
                linear.tokens = count;
                linear.rowBegin = row;
                linear.rowEnd = std::min(rowEnd, row + block);
                linear.scratch = scratch[worker];
                linear.weight = &expert.w1;
                linear.y = gate;
                linearKernel(linear);
                linear.weight = &expert.w3;
                linear.y = up;
                linearKernel(linear);
                for (std::int64_t i = 0; i < count; ++i)
                    swiglu({gate + i * kInnerBlock, up + i * kInnerBlock, hidden.data() + (first + i) * inner + row,
                            linear.rowEnd - row, job.swigluLimit,
                            assignment.weight[static_cast<std::size_t>(first + i)]});
            }
        }
    });

    // Every thread owns some channels of y and adds the experts to them in ascending order.
    const auto channelUnits = (channels + kRowUnit - 1) / kRowUnit;
    const auto downWork = kRowUnit * inner * assignment.pairs;
    parallel(context, channelUnits, downWork, channelUnits, [&](std::int64_t begin, std::int64_t end, int worker) {
        const auto rowBegin = begin * kRowUnit;
        const auto rowEnd = std::min(channels, end * kRowUnit);
        for (std::int64_t t = 0; t < job.tokens; ++t)
            std::fill(job.y + t * channels + rowBegin, job.y + t * channels + rowEnd, 0.0f);
        for (std::int64_t e = 0; e < assignment.experts; ++e) {
            const auto first = assignment.begin[static_cast<std::size_t>(e)];
            const auto count = assignment.begin[static_cast<std::size_t>(e) + 1] - first;
            if (count == 0)
                continue;
            kernels::LinearJob linear;
            linear.weight = &expertAt(e).w2;
            linear.x = hidden.data() + first * inner;
            linear.xStride = inner;
            linear.yStride = channels;
            linear.yRows = assignment.token.data() + first;
            linear.tokens = count;
            linear.accumulate = true;
            linear.scratch = scratch[worker];
            const auto block = rowsPerLook(inner, count, channels);
            for (auto row = rowBegin; row < rowEnd && !context.stop.stop_requested(); row += block) {
                linear.y = job.y + row;
                linear.rowBegin = row;
                linear.rowEnd = std::min(rowEnd, row + block);
                linearKernel(linear);
            }
        }
    });
}

} // namespace bathy::ops
