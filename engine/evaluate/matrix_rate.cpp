#include "engine/evaluate/matrix_rate.h"

#include "engine/ops/linear.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <vector>

namespace bathy::evaluate {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double kSliceSeconds = 0.05;
constexpr int kSlices = 5;
constexpr double kOperations = 2.0 * kRateRows * kRateCols * kRateTokens;

// Values near 1 of either sign, so that nothing underflows.
float valueAt(std::int64_t index) {
    return (index * 7 % 3 == 0 ? -1.0F : 1.0F) * (1.0F + static_cast<float>(index % 64) / 64.0F);
}

// A BF16 value is the upper half of a float; those above have no more digits than that.
std::vector<std::byte> storedValues(DType dtype) {
    const std::size_t size = dtype == DType::BF16 ? 2 : 4;
    std::vector<std::byte> bytes(static_cast<std::size_t>(kRateRows * kRateCols) * size);
    for (std::int64_t i = 0; i < kRateRows * kRateCols; ++i) {
        const float value = valueAt(i);
        std::uint32_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        bits >>= dtype == DType::BF16 ? 16U : 0U;
        std::memcpy(bytes.data() + static_cast<std::size_t>(i) * size, &bits, size);
    }
    return bytes;
}

} // namespace

double measureMatrixRate(ThreadPool& pool, DType dtype, const std::stop_token& stop) {
    const auto stored = storedValues(dtype);
    ops::WeightParts parts;
    parts.dtype = dtype;
    parts.rows = kRateRows;
    parts.cols = kRateCols;
    parts.data = stored;
    const auto weight = ops::makeWeight("probe", parts);
    if (!weight)
        return 0;
    std::vector<float> x(static_cast<std::size_t>(kRateTokens * kRateCols));
    for (std::size_t i = 0; i < x.size(); ++i)
        x[i] = valueAt(static_cast<std::int64_t>(i));
    std::vector<float> y(static_cast<std::size_t>(kRateTokens * kRateRows));
    ops::Scratch scratch;
    ops::Context context{pool, scratch, device::detectCpuFeatures().bestLevel(), nullptr, LayerId{-1}, stop};
    ops::linear(context, *weight, x.data(), kRateTokens, y.data()); // fills the caches
    double best = 0;
    for (int slice = 0; slice < kSlices && !stop.stop_requested(); ++slice) {
        const auto began = Clock::now();
        double seconds = 0;
        std::int64_t products = 0;
        while (seconds < kSliceSeconds && !stop.stop_requested()) {
            ops::linear(context, *weight, x.data(), kRateTokens, y.data());
            ++products;
            seconds = std::chrono::duration<double>(Clock::now() - began).count();
        }
        best = std::max(best, kOperations * static_cast<double>(products) / seconds);
    }
    return stop.stop_requested() ? 0 : best;
}

} // namespace bathy::evaluate
