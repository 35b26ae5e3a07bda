#include "engine/model/tensor_stats.h"

#include "engine/model/tensor_spec.h"
#include "engine/ops/linear.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

namespace bathy::model {
namespace {

constexpr std::int64_t kValuesAtOnce = 1 << 20; // decoded between two looks at the stop token

// Mean and deviation by sums around the first value, so that a large mean does not swallow a small spread.
class Summary {
public:
    void add(double value) {
        if (std::isnan(value)) {
            ++m_stats.nanCount;
            return;
        }
        if (std::isinf(value)) {
            ++m_stats.infiniteCount;
            return;
        }
        if (m_stats.count++ == 0)
            m_origin = m_stats.min = m_stats.max = value;
        m_stats.min = std::min(m_stats.min, value);
        m_stats.max = std::max(m_stats.max, value);
        m_sum += value - m_origin;
        m_squares += (value - m_origin) * (value - m_origin);
    }
    TensorStats stats() const {
        auto stats = m_stats;
        if (stats.count > 0) {
            const auto n = static_cast<double>(stats.count);
            stats.mean = m_origin + m_sum / n;
            stats.deviation = std::sqrt(std::max(0.0, m_squares / n - m_sum / n * (m_sum / n)));
        }
        return stats;
    }

private:
    TensorStats m_stats;
    double m_origin = 0;
    double m_sum = 0;
    double m_squares = 0;
};

template <class T, class Value>
Result<std::optional<TensorStats>> summarise(std::span<const std::byte> bytes, const std::stop_token& stop,
                                             Value value) {
    Summary summary;
    for (std::size_t i = 0; i < bytes.size() / sizeof(T); ++i) {
        if (i % kValuesAtOnce == 0 && stop.stop_requested())
            return cancelled();
        T element{};
        std::memcpy(&element, bytes.data() + i * sizeof(T), sizeof(T));
        summary.add(value(element));
    }
    return std::optional(summary.stats());
}

std::optional<ops::WeightParts> weightParts(const checkpoint::Checkpoint& checkpoint,
                                            const checkpoint::TensorView& tensor) {
    ops::WeightParts parts;
    parts.dtype = tensor.dtype;
    parts.cols = tensor.shape.empty() ? 1 : tensor.shape.back();
    parts.rows = parts.cols > 0 ? tensor.elementCount() / parts.cols : 0;
    parts.data = tensor.bytes;
    if (tensor.dtype == DType::F32 || tensor.dtype == DType::BF16 || tensor.dtype == DType::F16 ||
        isBlockType(tensor.dtype))
        return parts;
    const bool packed = tensor.dtype == DType::I8 || tensor.dtype == DType::U8;
    if (!packed && tensor.dtype != DType::F8E4M3)
        return std::nullopt;
    const auto scale = checkpoint.find(scaleName(tensor.name));
    if (!scale)
        return std::nullopt;
    if (packed) {
        parts.dtype = DType::F4E2M1;
        parts.cols *= 2;
    }
    parts.scale = scale->bytes;
    parts.scaleDtype = scale->dtype;
    return parts;
}

} // namespace

Result<std::optional<TensorStats>> tensorStats(const checkpoint::Checkpoint& checkpoint,
                                               const checkpoint::TensorView& tensor, ThreadPool& pool,
                                               const std::stop_token& stop) {
    if (tensor.dtype == DType::I64)
        return summarise<std::int64_t>(tensor.bytes, stop, [](auto v) { return static_cast<double>(v); });
    if (tensor.dtype == DType::I32)
        return summarise<std::int32_t>(tensor.bytes, stop, [](auto v) { return static_cast<double>(v); });
    if (tensor.dtype == DType::F8E8M0)
        return summarise<std::uint8_t>(tensor.bytes, stop,
                                       [](auto v) { return v == 255 ? std::nan("") : std::exp2(v - 127.0); });
    const auto parts = weightParts(checkpoint, tensor);
    if (!parts)
        return std::optional<TensorStats>();
    if (parts->rows == 0 || parts->cols == 0)
        return std::optional(TensorStats());
    BATHY_TRY(const auto weight, ops::makeWeight(tensor.name, *parts));
    ops::Scratch scratch;
    ops::Context context{pool, scratch, device::CpuLevel::Reference};
    const auto rowsAtOnce = std::clamp<std::int64_t>(kValuesAtOnce / parts->cols, 1, parts->rows);
    std::vector<std::int32_t> rows(static_cast<std::size_t>(rowsAtOnce));
    std::vector<float> values(static_cast<std::size_t>(rowsAtOnce * parts->cols));
    Summary summary;
    for (std::int64_t row = 0; row < parts->rows; row += rowsAtOnce) {
        if (stop.stop_requested())
            return cancelled();
        const auto count = static_cast<std::size_t>(std::min(rowsAtOnce, parts->rows - row));
        std::iota(rows.begin(), rows.end(), static_cast<std::int32_t>(row));
        ops::gatherRows(context, weight, std::span(rows).first(count), values.data());
        for (std::size_t i = 0; i < count * static_cast<std::size_t>(parts->cols); ++i)
            summary.add(values[i]);
    }
    return std::optional(summary.stats());
}

} // namespace bathy::model
