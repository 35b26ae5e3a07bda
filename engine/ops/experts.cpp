#include "engine/ops/experts.h"

#include "engine/ops/activations.h"
#include "engine/ops/check.h"
#include "engine/ops/dispatch.h"
#include "kernels/experts/swiglu.h"

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

// One run of the mixture: gate and up for all pairs, then down.
class Mixing {
public:
    Mixing(Context& context, const ExpertsJob& job)
        : m_context(context), m_job(job), m_assignment(assign(context.scratch, job)),
          m_routedPairs(m_assignment.begin[job.experts.size()]), m_routedInner(innerOf(job, false)),
          // The shared expert may be wider than the routed ones.
          m_inner(std::max(m_routedInner, innerOf(job, true))), m_channels(anyOf(job).w2.rows),
          m_input(context, {job.x, job.tokens, anyOf(job).w1.cols, anyOf(job).w1.cols}),
          m_hidden(context.scratch.take<float>(m_assignment.pairs * m_inner)),
          m_routedHidden(context, {m_hidden.data(), m_routedPairs, m_routedInner, m_inner}),
          m_sharedHidden(context, {m_hidden.data() + m_routedPairs * m_inner, m_assignment.pairs - m_routedPairs,
                                   innerOf(job, true), m_inner}) {}

    void run() {
        for (std::int64_t e = 0; e < m_assignment.experts; ++e)
            if (pairsOf(e).count > 0) {
                m_input.prepare(expertAt(e).w1.dtype);
                m_input.prepare(expertAt(e).w3.dtype);
            }
        gateAndUp();
        if (m_context.stop.stop_requested())
            return;
        for (std::int64_t e = 0; e < m_assignment.experts; ++e)
            if (pairsOf(e).count > 0)
                hiddenOf(e).prepare(expertAt(e).w2.dtype);
        down();
    }

private:
    struct Pairs {
        std::int64_t first;
        std::int64_t count;
    };

    static const ExpertWeights& anyOf(const ExpertsJob& job) { return job.shared ? *job.shared : job.experts.front(); }
    static std::int64_t innerOf(const ExpertsJob& job, bool shared) {
        if (shared)
            return job.shared ? job.shared->w1.rows : 0;
        return job.experts.empty() ? 0 : job.experts.front().w1.rows;
    }

    bool isShared(std::int64_t e) const { return e == static_cast<std::int64_t>(m_job.experts.size()); }
    const ExpertWeights& expertAt(std::int64_t e) const {
        return isShared(e) ? *m_job.shared : m_job.experts[static_cast<std::size_t>(e)];
    }
    Activations& hiddenOf(std::int64_t e) { return isShared(e) ? m_sharedHidden : m_routedHidden; }
    Pairs pairsOf(std::int64_t e) const {
        const auto first = m_assignment.begin[static_cast<std::size_t>(e)];
        return {first, m_assignment.begin[static_cast<std::size_t>(e) + 1] - first};
    }
    // Work space of a product with any of the matrices.
    std::int64_t scratchFloats() const {
        std::int64_t floats = 0;
        for (std::int64_t e = 0; e < m_assignment.experts; ++e)
            for (const auto* weight : {&expertAt(e).w1, &expertAt(e).w2, &expertAt(e).w3})
                floats = std::max(floats, m_input.scratchFloats(*weight, m_job.tokens));
        return (floats + 15) / 16 * 16;
    }

    // Every thread takes the same slice of each expert, so the load is even whatever the routing.
    void gateAndUp() {
        const auto linearFloats = scratchFloats();
        const ScratchScope scope(m_context.scratch);
        const PerThread scratch(m_context, linearFloats + 2 * m_job.tokens * kInnerBlock);
        const auto units = (m_inner + kRowUnit - 1) / kRowUnit;
        const auto work = 2 * kRowUnit * anyOf(m_job).w1.cols * m_assignment.pairs;
        parallel(m_context, units, work, units, [&](std::int64_t begin, std::int64_t end, int worker) {
            auto* gate = scratch[worker] + linearFloats;
            for (std::int64_t e = 0; e < m_assignment.experts; ++e)
                if (pairsOf(e).count > 0)
                    gateAndUpOf(e, begin * kRowUnit, end * kRowUnit, scratch[worker], gate);
        });
    }

    // Rows [rowBegin, rowEnd) of one expert. The weight of the pair goes into the hidden row, unless that is rounded.
    void gateAndUpOf(std::int64_t e, std::int64_t rowBegin, std::int64_t rowEnd, float* scratch, float* gate) {
        const auto& expert = expertAt(e);
        const auto [first, count] = pairsOf(e);
        const auto swiglu = BATHY_OPS_PICK(m_context, swiglu);
        const bool weightLater = hiddenOf(e).takesGains(expert.w2.dtype);
        rowEnd = std::min(expert.w1.rows, rowEnd);
        auto* up = gate + m_job.tokens * kInnerBlock;
        const auto block = rowsPerLook(2 * expert.w1.cols, count, kInnerBlock);
        for (auto row = rowBegin; row < rowEnd && !m_context.stop.stop_requested(); row += block) {
            ProductJob product;
            product.xRows = m_assignment.token.data() + first;
            product.yStride = kInnerBlock;
            product.tokens = count;
            product.rowBegin = row;
            product.rowEnd = std::min(rowEnd, row + block);
            product.scratch = scratch;
            product.weight = &expert.w1;
            product.y = gate;
            m_input.multiply(product);
            product.weight = &expert.w3;
            product.y = up;
            m_input.multiply(product);
            for (std::int64_t i = 0; i < count; ++i)
                swiglu({gate + i * kInnerBlock, up + i * kInnerBlock, m_hidden.data() + (first + i) * m_inner + row,
                        product.rowEnd - row, m_job.swigluLimit,
                        weightLater ? 1.0f : m_assignment.weight[static_cast<std::size_t>(first + i)]});
        }
    }

    // Every thread owns some channels of y and adds the experts to them in ascending order.
    void down() {
        const ScratchScope scope(m_context.scratch);
        const PerThread scratch(m_context, scratchFloats());
        const auto units = (m_channels + kRowUnit - 1) / kRowUnit;
        const auto work = kRowUnit * m_inner * m_assignment.pairs;
        parallel(m_context, units, work, units, [&](std::int64_t begin, std::int64_t end, int worker) {
            const auto rowBegin = begin * kRowUnit;
            const auto rowEnd = std::min(m_channels, end * kRowUnit);
            for (std::int64_t t = 0; t < m_job.tokens; ++t)
                std::fill(m_job.y + t * m_channels + rowBegin, m_job.y + t * m_channels + rowEnd, 0.0f);
            for (std::int64_t e = 0; e < m_assignment.experts; ++e)
                if (pairsOf(e).count > 0)
                    downOf(e, rowBegin, rowEnd, scratch[worker]);
        });
    }

    void downOf(std::int64_t e, std::int64_t rowBegin, std::int64_t rowEnd, float* scratch) {
        const auto [first, count] = pairsOf(e);
        auto& hidden = hiddenOf(e);
        ProductJob product;
        product.weight = &expertAt(e).w2;
        product.firstRow = isShared(e) ? first - m_routedPairs : first;
        product.yStride = m_channels;
        product.yRows = m_assignment.token.data() + first;
        product.gains = hidden.takesGains(product.weight->dtype) ? m_assignment.weight.data() + first : nullptr;
        product.tokens = count;
        product.accumulate = true;
        product.scratch = scratch;
        const auto block = rowsPerLook(m_inner, count, m_channels);
        for (auto row = rowBegin; row < rowEnd && !m_context.stop.stop_requested(); row += block) {
            product.y = m_job.y + row;
            product.rowBegin = row;
            product.rowEnd = std::min(rowEnd, row + block);
            hidden.multiply(product);
        }
    }

    Context& m_context;
    const ExpertsJob& m_job;
    Assignment m_assignment;
    std::int64_t m_routedPairs;
    std::int64_t m_routedInner;
    std::int64_t m_inner;
    std::int64_t m_channels;
    Activations m_input;
    std::span<float> m_hidden; // [pairs, inner]
    Activations m_routedHidden;
    Activations m_sharedHidden;
};

} // namespace

void runExperts(Context& context, const ExpertsJob& job) {
    BATHY_OPS_CHECK(job.tokens >= 0 && (!job.experts.empty() || job.shared));
    if (job.tokens == 0)
        return;
    const ScratchScope scope(context.scratch);
    Mixing(context, job).run();
}

} // namespace bathy::ops
