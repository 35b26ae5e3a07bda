#include "engine/model/weight_store.h"

#include <cstring>

namespace bathy::model {
namespace {

using checkpoint::TensorView;

constexpr std::string_view kWeightSuffix = ".weight";

std::string shapeText(std::span<const std::int64_t> shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
}

Error wrongShape(const TensorView& tensor, const std::string& wanted) {
    return {ErrorCode::BadFile, "tensor " + std::string(tensor.name) + " has shape " + shapeText(tensor.shape) +
                                    " where " + wanted + " is needed"};
}

Error wrongType(const TensorView& tensor, std::string_view wanted) {
    return {ErrorCode::Unsupported, "tensor " + std::string(tensor.name) + " is stored as " +
                                        std::string(dtypeName(tensor.dtype)) + " where " + std::string(wanted) +
                                        " can be read"};
}

// FP4 values travel two a byte under an integer type.
bool packsTwo(DType dtype) {
    return dtype == DType::I8 || dtype == DType::U8 || dtype == DType::F4E2M1;
}

template <class T>
T elementAt(const TensorView& tensor, std::int64_t index) {
    T value;
    std::memcpy(&value, tensor.bytes.data() + index * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
    return value;
}

std::int64_t integerAt(const TensorView& tensor, std::int64_t index) {
    return tensor.dtype == DType::I64 ? elementAt<std::int64_t>(tensor, index) : elementAt<std::int32_t>(tensor, index);
}

} // namespace

Result<TensorView> WeightStore::take(const std::string& name) {
    const auto tensor = m_checkpoint.find(name);
    if (!tensor)
        return Error(ErrorCode::BadFile, "tensor " + name + " is missing",
                     "`bathy verify` lists everything that is missing");
    m_bytes += tensor->bytes.size();
    return *tensor;
}

Result<ops::WeightView> WeightStore::matrix(const std::string& name, std::int64_t rows, std::int64_t cols, Use use) {
    BATHY_TRY(const auto tensor, take(name));
    auto& ranges = use == Use::EveryToken ? m_ranges.everyToken : m_ranges.someTokens;
    ranges.push_back(tensor.bytes);
    const bool fp4 = packsTwo(tensor.dtype);
    const auto storedCols = fp4 && tensor.dtype != DType::F4E2M1 ? cols / 2 : cols;
    if (tensor.shape.size() != 2 || tensor.shape[0] != rows || tensor.shape[1] != storedCols)
        return wrongShape(tensor, shapeText(std::vector{rows, storedCols}));
    ops::WeightParts parts;
    parts.dtype = fp4 ? DType::F4E2M1 : tensor.dtype;
    parts.rows = rows;
    parts.cols = cols;
    parts.data = tensor.bytes;
    if (tensor.dtype == DType::NVFP4) { // may come with one factor for the whole matrix
        if (const auto scale = name.substr(0, name.rfind('.')) + ".scale"; m_checkpoint.find(scale)) {
            BATHY_TRY(const auto factor, take(scale));
            parts.scale = factor.bytes;
            parts.scaleDtype = factor.dtype;
        }
    }
    if (fp4 || tensor.dtype == DType::F8E4M3) {
        if (!name.ends_with(kWeightSuffix))
            return wrongType(tensor, "F32, BF16 or F16");
        BATHY_TRY(const auto scale, take(name.substr(0, name.size() - kWeightSuffix.size()) + ".scale"));
        ranges.push_back(scale.bytes);
        parts.scale = scale.bytes;
        parts.scaleDtype = scale.dtype == DType::U8 ? DType::F8E8M0 : scale.dtype;
        parts.blockRows = fp4 ? 0 : m_blockRows;
        parts.blockCols = fp4 ? 0 : m_blockCols;
    }
    return ops::makeWeight(name, parts);
}

Result<std::vector<float>> WeightStore::vector(const std::string& name, std::int64_t count) {
    BATHY_TRY(const auto tensor, take(name));
    if (tensor.elementCount() != count)
        return wrongShape(tensor, std::to_string(count) + " elements");
    if (tensor.dtype != DType::F32 && tensor.dtype != DType::BF16 && tensor.dtype != DType::F16)
        return wrongType(tensor, "F32, BF16 or F16");
    ops::WeightParts parts;
    parts.dtype = tensor.dtype;
    parts.rows = 1;
    parts.cols = count;
    parts.data = tensor.bytes;
    BATHY_TRY(const auto row, ops::makeWeight(name, parts));
    std::vector<float> values(static_cast<std::size_t>(count));
    ops::decodeRow(row, 0, values.data());
    return values;
}

Result<std::vector<std::int32_t>> WeightStore::table(const std::string& name, std::int64_t rows, std::int64_t cols,
                                                     std::int64_t limit) {
    BATHY_TRY(const auto tensor, take(name));
    if (tensor.dtype != DType::I64 && tensor.dtype != DType::I32)
        return wrongType(tensor, "I64 or I32");
    if (tensor.shape.size() != 2 || tensor.shape[0] != rows || tensor.shape[1] != cols)
        return wrongShape(tensor, shapeText(std::vector{rows, cols}));
    std::vector<std::int32_t> values;
    values.reserve(static_cast<std::size_t>(rows * cols));
    for (std::int64_t i = 0; i < rows * cols; ++i) {
        const auto value = integerAt(tensor, i);
        if (value < 0 || value >= limit)
            return Error(ErrorCode::BadFile, "tensor " + name + " holds " + std::to_string(value) + " in row " +
                                                 std::to_string(i / cols) + ", outside 0.." +
                                                 std::to_string(limit - 1));
        values.push_back(static_cast<std::int32_t>(value));
    }
    return values;
}

} // namespace bathy::model
