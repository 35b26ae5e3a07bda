#include "kernels/linear/linear.h"

#include "kernels/common/block_formats.h"
#include "kernels/common/number_formats.h"

#include <algorithm>
#include <cstring>

namespace bathy::kernels {

namespace {

float scaleAt(const WeightView& weight, std::int64_t row, std::int64_t col) {
    if (weight.scale == nullptr)
        return 1.0f;
    const auto index = row / weight.blockRows * weight.scaleCols() + col / weight.blockCols;
    if (weight.scaleDtype == DType::F32) {
        float value = 0;
        std::memcpy(&value, weight.scale + 4 * index, 4);
        return value;
    }
    return e8m0ToFloat(static_cast<std::uint8_t>(weight.scale[index]));
}

float rawAt(const WeightView& weight, const std::byte* row, std::int64_t col) {
    std::uint16_t half = 0;
    float full = 0;
    switch (weight.dtype) {
    case DType::F32:
        std::memcpy(&full, row + 4 * col, 4);
        return full;
    case DType::BF16:
        std::memcpy(&half, row + 2 * col, 2);
        return bf16ToFloat(half);
    case DType::F16:
        std::memcpy(&half, row + 2 * col, 2);
        return f16ToFloat(half);
    case DType::F8E4M3:
        return e4m3ToFloat(static_cast<std::uint8_t>(row[col]));
    default: // F4E2M1
        return e2m1ToFloat(static_cast<std::uint8_t>(row[col / 2]) >> (col % 2 * 4));
    }
}

} // namespace

void decodeWeightRow(const WeightView& weight, std::int64_t row, std::int64_t begin, std::int64_t end, float* out) {
    const auto* bytes = weight.data + row * weight.rowBytes;
    if (isBlockType(weight.dtype)) {
        decodeBlocks(weight.dtype, bytes, begin, end, out);
        for (auto i = begin; weight.scale != nullptr && i < end; ++i)
            *out++ *= scaleAt(weight, row, i);
        return;
    }
    for (auto col = begin; col < end;) {
        const auto blockEnd = std::min(end, (col / weight.blockCols + 1) * weight.blockCols);
        const auto scale = scaleAt(weight, row, col);
        for (; col < blockEnd; ++col)
            *out++ = rawAt(weight, bytes, col) * scale;
    }
}

void linearReference(const LinearJob& job) {
    constexpr std::int64_t kPiece = 256;
    float piece[kPiece];
    const auto& weight = *job.weight;
    auto* sums = reinterpret_cast<double*>(job.scratch);
    for (auto row = job.rowBegin; row < job.rowEnd; ++row) {
        std::fill_n(sums, job.tokens, 0.0);
        for (std::int64_t col = 0; col < weight.cols; col += kPiece) {
            const auto count = std::min(kPiece, weight.cols - col);
            decodeWeightRow(weight, row, col, col + count, piece);
            for (std::int64_t t = 0; t < job.tokens; ++t) {
                const auto* x = job.x + (job.xRows ? job.xRows[t] : t) * job.xStride + col;
                for (std::int64_t i = 0; i < count; ++i)
                    sums[t] += static_cast<double>(piece[i]) * x[i];
            }
        }
        for (std::int64_t t = 0; t < job.tokens; ++t) {
            auto& y = job.y[(job.yRows ? job.yRows[t] : t) * job.yStride + row - job.rowBegin];
            y = static_cast<float>(job.accumulate ? y + sums[t] : sums[t]);
        }
    }
}

// The tiled path holds a tile of decoded rows and a panel of every token, the direct path a few whole tokens or, of
// blocks, a small tile of decoded rows, the reference a double for each token.
std::int64_t linearScratchFloats(const WeightView& weight, std::int64_t tokens) {
    constexpr std::int64_t kTileFloats = 16 * kLinearPanel;
    constexpr std::int64_t kMostDirectTokens = 4;
    const auto direct = kMostDirectTokens * (weight.cols + 31) / 32 * 32 + kMostDirectTokens * 32;
    const bool pairs = weight.dtype == DType::F4E2M1;
    const auto tiled = kTileFloats + (pairs ? tokens * kLinearPanel : 0);
    const bool usesTile = tokens > 1 || isBlockType(weight.dtype);
    return std::max({pairs ? direct : 0, usesTile ? tiled : 0, 2 * tokens});
}

} // namespace bathy::kernels
