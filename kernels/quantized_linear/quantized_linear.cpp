#include "kernels/quantized_linear/quantized_linear.h"

#include "kernels/quantized_linear/integer_block.h"

#include <cmath>
#include <cstring>

namespace bathy::kernels {

namespace {

using Lanes = float[8];

void addInto(Lanes& sums, float factor, const float* whole) {
    for (int l = 0; l < 8; ++l)
        sums[l] = std::fma(factor, whole[l], sums[l]);
}

// 32 or 64 elements with one activation scale for each 32.
void addBlock32(const IntegerBlock& block, const QuantizedRow& x, std::int64_t first, Lanes& sums) {
    for (int part = 0; part < block.elements / 32; ++part) {
        const auto group = first / 32 + part;
        const auto* q = x.values + 32 * group;
        Lanes whole = {};
        if (block.hasMinimum) {
            whole[0] = x.sums[group];
            addInto(sums, block.minimum, whole);
        }
        for (int l = 0; l < 8; ++l) {
            int sum = 0;
            for (int e = 4 * l; e < 4 * l + 4; ++e)
                sum += block.code[32 * part + e] * q[e];
            const float d = block.d[2 * part % 4 + l / 4] * x.scales[group];
            sums[l] = std::fma(d, static_cast<float>(sum), sums[l]);
        }
    }
}

void addBlock256(const IntegerBlock& block, const QuantizedRow& x, std::int64_t first, Lanes& sums) {
    const auto group = first / 256;
    const auto* q = x.values + first;
    const auto* sums16 = x.sums16 + 16 * group;
    Lanes whole = {};
    Lanes minimum = {};
    for (int l = 0; l < 8; ++l) {
        const int m = block.min[2 * l] * sums16[2 * l] + block.min[2 * l + 1] * sums16[2 * l + 1];
        int sum = -block.offset * m;
        for (int e = 0; e < 256; ++e)
            if (e % 32 / 4 == l)
                sum += block.scale[e / 16] * block.code[e] * q[e];
        whole[l] = static_cast<float>(sum);
        minimum[l] = static_cast<float>(m);
    }
    if (block.hasMinimum)
        addInto(sums, block.minimum * x.scales[group], minimum);
    addInto(sums, block.d[0] * x.scales[group], whole);
}

float product(const WeightView& weight, const std::byte* row, const QuantizedRow& x) {
    const auto size = dtypeBlock(weight.dtype);
    Lanes sums = {};
    for (std::int64_t col = 0; col < weight.cols; col += size.elements, row += size.bytes) {
        const auto block = readIntegerBlock(weight.dtype, row);
        if (block.elements == 256)
            addBlock256(block, x, col, sums);
        else
            addBlock32(block, x, col, sums);
    }
    return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

} // namespace

void quantizedLinearReference(const QuantizedLinearJob& job) {
    const auto& weight = *job.weight;
    const auto groups = quantizedGroupsFor(weight.dtype);
    float scale = 1.0f;
    if (weight.scale != nullptr)
        std::memcpy(&scale, weight.scale, sizeof scale);
    for (std::int64_t t = 0; t < job.tokens; ++t) {
        // The rows are only read.
        auto* bytes = const_cast<std::byte*>(job.x + (job.xRows ? job.xRows[t] : t) * job.xStride);
        const QuantizedRow x(groups, weight.cols, bytes);
        auto* y = job.y + (job.yRows ? job.yRows[t] : t) * job.yStride - job.rowBegin;
        for (auto row = job.rowBegin; row < job.rowEnd; ++row) {
            const float value = product(weight, weight.data + row * weight.rowBytes, x) * scale;
            const float gained = job.gains ? value * job.gains[t] : value;
            y[row] = job.accumulate ? y[row] + gained : gained;
        }
    }
}

} // namespace bathy::kernels
