#include "engine/ops/activations.h"

#include "engine/ops/dispatch.h"
#include "kernels/quantize/quantize.h"

namespace bathy::ops {

namespace {

#ifdef BATHY_X86_KERNELS
// The variant for AVX-512 needs its byte products too, which the level does not promise; without them AVX2 is as good.
auto pickProduct(const Context& context) {
    static const bool hasByteProducts = device::detectCpuFeatures().avx512vnni;
    return pickVariant(context.level, kernels::quantizedLinearReference, kernels::quantizedLinearAvx2,
                       hasByteProducts ? kernels::quantizedLinearAvx512 : kernels::quantizedLinearAvx2);
}
auto pickRounding(const Context& context) {
    return pickVariant(context.level, kernels::quantizeActivationsReference, kernels::quantizeActivationsAvx2,
                       kernels::quantizeActivationsAvx2);
}
#else
auto pickProduct(const Context&) {
    return kernels::quantizedLinearReference;
}
auto pickRounding(const Context&) {
    return kernels::quantizeActivationsReference;
}
#endif

// Rounding a value costs as much as a few multiply-adds.
constexpr std::int64_t kWorkPerValue = 4;

} // namespace

Activations::Activations(Context& context, const Rows& rows) : m_context(context), m_rows(rows) {}

bool Activations::roundsToBytes(DType weight) const {
    return m_context.precision == Precision::Fast && isBlockType(weight);
}

std::int64_t Activations::scratchFloats(const WeightView& weight, std::int64_t tokens) const {
    return roundsToBytes(weight.dtype) ? 0 : kernels::linearScratchFloats(weight, tokens);
}

void Activations::prepare(DType weight) {
    if (roundsToBytes(weight))
        roundToBytes(kernels::quantizedGroupsFor(weight));
    else if (m_context.precision == Precision::Fast && weight == DType::F16)
        roundToHalf();
}

void Activations::roundToBytes(kernels::QuantizedGroups groups) {
    auto& bytes = m_bytes[static_cast<int>(groups)];
    if (bytes != nullptr)
        return;
    const auto rowBytes = kernels::quantizedRowBytes(groups, m_rows.cols);
    auto* out = m_context.scratch.take<std::byte>(m_rows.count * rowBytes).data();
    const auto round = pickRounding(m_context);
    parallel(m_context, m_rows.count, kWorkPerValue * m_rows.cols, [&](std::int64_t begin, std::int64_t end, int) {
        for (auto row = begin; row < end; ++row)
            round(groups, m_rows.data + row * m_rows.stride, m_rows.cols, out + row * rowBytes);
    });
    bytes = out;
}

void Activations::roundToHalf() {
    if (m_halves != nullptr)
        return;
    auto* out = m_context.scratch.take<float>(m_rows.count * m_rows.cols).data();
    parallel(m_context, m_rows.count, kWorkPerValue * m_rows.cols, [&](std::int64_t begin, std::int64_t end, int) {
        for (auto row = begin; row < end; ++row)
            kernels::halfGridRow(m_rows.data + row * m_rows.stride, m_rows.cols, out + row * m_rows.cols);
    });
    m_halves = out;
}

void Activations::multiply(const ProductJob& job) const {
    const auto fill = [&](auto& out) {
        out.weight = job.weight;
        out.xRows = job.xRows;
        out.y = job.y;
        out.yStride = job.yStride;
        out.yRows = job.yRows;
        out.tokens = job.tokens;
        out.rowBegin = job.rowBegin;
        out.rowEnd = job.rowEnd;
        out.accumulate = job.accumulate;
    };
    if (roundsToBytes(job.weight->dtype)) {
        const auto groups = kernels::quantizedGroupsFor(job.weight->dtype);
        const auto rowBytes = kernels::quantizedRowBytes(groups, m_rows.cols);
        kernels::QuantizedLinearJob product;
        fill(product);
        product.x = m_bytes[static_cast<int>(groups)] + job.firstRow * rowBytes;
        product.xStride = job.rowStep * rowBytes;
        product.gains = job.gains;
        return pickProduct(m_context)(product);
    }
    const bool halves = m_context.precision == Precision::Fast && job.weight->dtype == DType::F16;
    const auto stride = halves ? m_rows.cols : m_rows.stride;
    kernels::LinearJob product;
    fill(product);
    product.x = (halves ? m_halves : m_rows.data) + job.firstRow * stride;
    product.xStride = job.rowStep * stride;
    product.scratch = job.scratch;
    BATHY_OPS_PICK(m_context, linear)(product);
}

} // namespace bathy::ops
