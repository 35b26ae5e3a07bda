#include "kernels/quantized_linear/quantized_rows.h"

#include "kernels/common/number_formats.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bathy::kernels {

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::int8_t rounded(float value) {
    return static_cast<std::int8_t>(std::clamp(std::nearbyint(value), -127.0f, 127.0f));
}

// The first value of largest magnitude, 0 for a group of zeros; NaN when a value is not finite.
float largest(const float* x, int count) {
    float best = 0;
    for (int i = 0; i < count; ++i) {
        if (!std::isfinite(x[i]))
            return kNan;
        if (std::fabs(x[i]) > std::fabs(best))
            best = x[i];
    }
    return std::fabs(best) < kSmallestGroup ? 0.0f : best;
}

void quantize32(const float* x, std::int64_t group, const QuantizedRow& row) {
    auto* q = row.values + 32 * group;
    const float most = std::fabs(largest(x, 32));
    const float step = most / 127.0f;
    const float inverse = most > 0 ? 127.0f / most : 0.0f;
    int sum = 0;
    for (int i = 0; i < 32; ++i) {
        q[i] = std::isnan(most) ? std::int8_t{0} : rounded(x[i] * inverse);
        sum += q[i];
    }
    row.scales[group] = std::isnan(most) ? kNan : f16ToFloat(floatToF16(step));
    row.sums[group] = std::isnan(most) ? kNan : f16ToFloat(floatToF16(step * static_cast<float>(sum)));
}

void quantize256(const float* x, std::int64_t group, const QuantizedRow& row) {
    auto* q = row.values + 256 * group;
    const float most = largest(x, 256);
    const bool none = std::isnan(most) || most == 0;
    const float inverse = none ? 0.0f : -127.0f / most;
    row.scales[group] = std::isnan(most) ? kNan : none ? 0.0f : 1.0f / inverse;
    for (int i = 0; i < 256; ++i)
        q[i] = none ? std::int8_t{0} : rounded(x[i] * inverse);
    for (int i = 0; i < 16; ++i) {
        int sum = 0;
        for (int j = 0; j < 16; ++j)
            sum += q[16 * i + j];
        row.sums16[16 * group + i] = static_cast<std::int16_t>(sum);
    }
}

} // namespace

QuantizedGroups quantizedGroupsFor(DType weight) {
    return dtypeBlock(weight).elements == 256 ? QuantizedGroups::Groups256 : QuantizedGroups::Groups32;
}

std::int64_t quantizedRowBytes(QuantizedGroups groups, std::int64_t cols) {
    const auto values = (cols + 63) / 64 * 64;
    const auto rest = groups == QuantizedGroups::Groups32 ? cols / 32 * 8 : cols / 256 * 4 + cols / 16 * 2;
    return values + (rest + 63) / 64 * 64;
}

void quantizeActivationsReference(QuantizedGroups groups, const float* x, std::int64_t cols, std::byte* out) {
    const QuantizedRow row(groups, cols, out);
    const std::int64_t size = groups == QuantizedGroups::Groups32 ? 32 : 256;
    for (std::int64_t group = 0; group < cols / size; ++group)
        groups == QuantizedGroups::Groups32 ? quantize32(x + 32 * group, group, row)
                                            : quantize256(x + 256 * group, group, row);
}

} // namespace bathy::kernels
