// Weight matrices as they are stored. A WeightView points into the mapped checkpoint and is decoded inside the kernels.
#pragma once

#include "engine/base/result.h"
#include "kernels/common/weight_view.h"

#include <span>
#include <string_view>

namespace bathy::ops {

using kernels::WeightView;

struct WeightParts {
    DType dtype = DType::F32;         // F32, BF16, F16, F8E4M3, F4E2M1 or a block type
    std::int64_t rows = 0;            // outputs
    std::int64_t cols = 0;            // inputs (for F4E2M1 twice the bytes of a row)
    std::span<const std::byte> data;  // rows * cols elements, row-major, no padding
    DType scaleDtype = DType::F8E8M0; // or F32; used by F8E4M3 and F4E2M1
    std::span<const std::byte> scale; // [ceil(rows/blockRows), ceil(cols/blockCols)]; empty for F32, BF16, F16; block
                                      // types: empty or one F32 for the whole matrix
    std::int64_t blockRows = 0;       // 0: the usual one (F8E4M3: 128 x 128, F4E2M1: 1 x 32)
    std::int64_t blockCols = 0;
};

// Checks dtype, shape and every byte count. BadFile when they disagree (the sentence starts with `name`), Unsupported
// for a dtype that no kernel reads. The result points into `parts.data` and `parts.scale`.
Result<WeightView> makeWeight(std::string_view name, const WeightParts& parts);

// A plain float32 matrix in memory, for tests and small parameters.
WeightView floatWeight(const float* data, std::int64_t rows, std::int64_t cols);

// One row, decoded exactly to `out` [cols]. For loading; the ops decode as they go.
void decodeRow(const WeightView& weight, std::int64_t row, float* out);

// Bytes of weights and scales that the view covers.
std::int64_t weightBytes(const WeightView& weight);

} // namespace bathy::ops
