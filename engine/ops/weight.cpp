#include "engine/ops/weight.h"

#include "kernels/linear/linear.h"

#include <string>

namespace bathy::ops {

namespace {

Error badWeight(std::string_view name, const std::string& what) {
    return Error(ErrorCode::BadFile, std::string(name) + ": " + what);
}

bool isMatrixType(DType dtype) {
    return dtype == DType::F32 || dtype == DType::BF16 || dtype == DType::F16 || dtype == DType::F8E4M3 ||
           dtype == DType::F4E2M1 || isBlockType(dtype);
}

std::string matrixTypes() {
    std::string names;
    for (int i = 0; i < kDTypeCount; ++i)
        if (const auto dtype = static_cast<DType>(i); isMatrixType(dtype))
            names.append(names.empty() ? "" : ", ").append(dtypeName(dtype));
    return names;
}

// Far above every real matrix and far below what overflows when multiplied by an element size.
constexpr std::int64_t kMostElements = std::int64_t{1} << 48;

} // namespace

Result<WeightView> makeWeight(std::string_view name, const WeightParts& parts) {
    const bool f8 = parts.dtype == DType::F8E4M3;
    const bool f4 = parts.dtype == DType::F4E2M1;
    const bool blocks = isBlockType(parts.dtype);
    if (!isMatrixType(parts.dtype))
        return Error(ErrorCode::Unsupported, std::string(name) + ": no kernel multiplies by a matrix of type " +
                                                 std::string(dtypeName(parts.dtype)) + ", only by " + matrixTypes());
    if (parts.rows <= 0 || parts.cols <= 0 || parts.rows > kMostElements / parts.cols)
        return badWeight(name, "shape " + std::to_string(parts.rows) + " x " + std::to_string(parts.cols) +
                                   " is not that of a matrix");
    if (f4 && parts.cols % 2 != 0)
        return badWeight(name, "a four-bit matrix with an odd number of inputs");
    if (blocks && parts.cols % dtypeBlock(parts.dtype).elements != 0)
        return badWeight(name, std::to_string(parts.cols) + " inputs are no whole " +
                                   std::string(dtypeName(parts.dtype)) + " blocks");
    WeightView view;
    view.dtype = parts.dtype;
    view.data = parts.data.data();
    view.rows = parts.rows;
    view.cols = parts.cols;
    view.rowBytes = static_cast<std::int64_t>(dtypeBytes(parts.dtype, static_cast<std::uint64_t>(parts.cols)));
    view.blockRows = parts.blockRows > 0 ? parts.blockRows : (f8 ? 128 : 1);
    view.blockCols = parts.blockCols > 0 ? parts.blockCols : (f8 ? 128 : f4 ? 32 : parts.cols);
    if (const auto need = static_cast<std::uint64_t>(view.rowBytes * view.rows); parts.data.size() != need)
        return badWeight(name, std::to_string(parts.data.size()) + " bytes of data where its shape and type need " +
                                   std::to_string(need));
    if (!f8 && !f4) {
        view.blockRows = blocks ? parts.rows : 1;
        view.blockCols = parts.cols;
        if (blocks && parts.scale.size() == 4 && parts.scaleDtype == DType::F32) {
            view.scaleDtype = DType::F32;
            view.scale = parts.scale.data();
            return view;
        }
        if (!parts.scale.empty())
            return badWeight(name, "has block scales although its type needs none");
        return view;
    }
    if (parts.scaleDtype != DType::F8E8M0 && parts.scaleDtype != DType::F32)
        return badWeight(name, "block scales of type " + std::string(dtypeName(parts.scaleDtype)));
    const auto scales = (view.rows + view.blockRows - 1) / view.blockRows * view.scaleCols();
    const auto need = dtypeBytes(parts.scaleDtype, static_cast<std::uint64_t>(scales));
    if (parts.scale.size() != need)
        return badWeight(name, std::to_string(parts.scale.size()) + " bytes of block scales where its shape needs " +
                                   std::to_string(need));
    view.scaleDtype = parts.scaleDtype;
    view.scale = parts.scale.data();
    return view;
}

WeightView floatWeight(const float* data, std::int64_t rows, std::int64_t cols) {
    WeightView view;
    view.data = reinterpret_cast<const std::byte*>(data);
    view.rows = rows;
    view.cols = cols;
    view.rowBytes = 4 * cols;
    view.blockCols = cols;
    return view;
}

void decodeRow(const WeightView& weight, std::int64_t row, float* out) {
    kernels::decodeWeightRow(weight, row, 0, weight.cols, out);
}

std::int64_t weightBytes(const WeightView& weight) {
    if (weight.scale == nullptr)
        return weight.rows * weight.rowBytes;
    const auto scales = (weight.rows + weight.blockRows - 1) / weight.blockRows * weight.scaleCols();
    return weight.rows * weight.rowBytes +
           static_cast<std::int64_t>(dtypeBytes(weight.scaleDtype, static_cast<std::uint64_t>(scales)));
}

} // namespace bathy::ops
