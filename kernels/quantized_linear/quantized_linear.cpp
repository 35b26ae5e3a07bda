#include "kernels/quantized_linear/quantized_linear.h"

#include "kernels/quantized_linear/integer_block.h"

#include <cmath>
#include <cstring>

namespace bathy::kernels {

namespace {

// The sums of one row; see the contract.
struct Sums {
    float lanes[2][8] = {};
    float own[4] = {}; // of minima
};

float addLanes(const float* v) {
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

// 32 or 64 elements with one activation scale for each 32.
void addBlock32(DType dtype, const IntegerBlock& block, const QuantizedRow& x, std::int64_t first, Sums& sums) {
    const bool alternates = dtype == DType::MXFP4 || dtype == DType::IQ4_NL;
    for (int part = 0; part < block.elements / 32; ++part) {
        const auto group = first / 32 + part;
        const auto* q = x.values + 32 * group;
        auto* lanes = sums.lanes[alternates ? group % 2 : 0];
        if (block.hasMinimum)
            sums.own[0] = std::fma(block.minimum, x.sums[group], sums.own[0]);
        for (int l = 0; l < 8; ++l) {
            int sum = 0;
            for (int e = 4 * l; e < 4 * l + 4; ++e)
                sum += block.code[32 * part + e] * q[e];
            const float d = block.d[2 * part % 4 + l / 4] * x.scales[group];
            lanes[l] = std::fma(d, static_cast<float>(sum), lanes[l]);
        }
    }
}

// M of the contract, for every lane.
struct WholeLanes {
    int lane[8];
};
WholeLanes sumsOfGroups(const IntegerBlock& block, const std::int16_t* sums16) {
    WholeLanes m{};
    for (int l = 0; l < 8; ++l)
        m.lane[l] = block.min[2 * l] * sums16[2 * l] + block.min[2 * l + 1] * sums16[2 * l + 1];
    return m;
}

void addMinimum(DType dtype, float factor, const WholeLanes& m, Sums& sums) {
    int all = 0;
    for (int l = 0; l < 8; ++l) {
        all += m.lane[l];
        if (dtype == DType::Q2_K)
            sums.lanes[0][l] = std::fma(factor, static_cast<float>(m.lane[l]), sums.lanes[0][l]);
        if (dtype == DType::Q4_K && l % 2 == 1)
            sums.own[l / 2] = std::fma(factor, static_cast<float>(m.lane[l - 1] + m.lane[l]), sums.own[l / 2]);
    }
    if (dtype == DType::Q5_K)
        sums.own[0] = std::fma(factor, static_cast<float>(all), sums.own[0]);
}

void addBlock256(DType dtype, const IntegerBlock& block, const QuantizedRow& x, std::int64_t first, Sums& sums) {
    const auto group = first / 256;
    const auto* q = x.values + first;
    const auto m = sumsOfGroups(block, x.sums16 + 16 * group);
    if (block.hasMinimum)
        addMinimum(dtype, block.minimum * x.scales[group], m, sums);
    const float d = block.d[0] * x.scales[group];
    for (int l = 0; l < 8; ++l) {
        int sum = -block.offset * m.lane[l];
        for (int e = 0; e < 256; ++e)
            if (e % 32 / 4 == l)
                sum += block.scale[e / 16] * block.code[e] * q[e];
        sums.lanes[0][l] = std::fma(d, static_cast<float>(sum), sums.lanes[0][l]);
    }
}

float product(const WeightView& weight, const std::byte* row, const QuantizedRow& x) {
    const auto size = dtypeBlock(weight.dtype);
    Sums sums;
    for (std::int64_t col = 0; col < weight.cols; col += size.elements, row += size.bytes) {
        const auto block = readIntegerBlock(weight.dtype, row);
        if (block.elements == 256)
            addBlock256(weight.dtype, block, x, col, sums);
        else
            addBlock32(weight.dtype, block, x, col, sums);
    }
    for (int l = 0; l < 8; ++l)
        sums.lanes[0][l] += sums.lanes[1][l];
    return addLanes(sums.lanes[0]) + ((sums.own[0] + sums.own[2]) + (sums.own[1] + sums.own[3]));
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
