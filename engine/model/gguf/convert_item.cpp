#include "engine/model/gguf/convert_item.h"

#include "engine/ops/encode.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace bathy::model::gguf {
namespace {

bool packsTwo(DType dtype) {
    return dtype == DType::I8 || dtype == DType::U8 || dtype == DType::F4E2M1;
}

std::string scaleOf(std::string_view name) {
    return std::string(name.substr(0, name.rfind('.'))) + ".scale";
}

} // namespace

std::int64_t Item::rows() const {
    std::int64_t rows = 1;
    for (std::size_t i = 0; i + 1 < shape.size(); ++i)
        rows *= shape[i];
    return rows;
}

std::pair<const ops::WeightView*, std::int64_t> Item::place(std::int64_t row) const {
    if (order != RowOrder::Same) {
        const auto size = rows() / heads;
        const auto head = row / size;
        const auto inside = row % size;
        row = head * size + (order == RowOrder::Paired ? inside % 2 * (size / 2) + inside / 2
                                                       : inside % (size / 2) * 2 + inside / (size / 2));
    }
    auto source = sources.begin();
    while (row >= source->rows)
        row -= (source++)->rows;
    return {&*source, row};
}

void Item::decode(std::int64_t row, float* out) const {
    const auto [source, at] = place(row);
    ops::decodeRow(*source, at, out);
}

const std::byte* Item::stored(std::int64_t row) const {
    const auto [source, at] = place(row);
    const bool same = source->dtype == dtype && source->scale == nullptr && source->cols == cols();
    return same ? source->data + at * source->rowBytes : nullptr;
}

Gatherer::Gatherer(const checkpoint::Checkpoint& source, const nlohmann::json& config) : m_source(source) {
    const auto block = config.value("/quantization_config/weight_block_size"_json_pointer, std::vector<int>{128, 128});
    if (block.size() == 2 && block[0] > 0 && block[1] > 0) {
        m_blockRows = block[0];
        m_blockCols = block[1];
    }
}

checkpoint::TensorView Gatherer::use(const std::string& name) {
    m_used.insert(*m_source.indexOf(name));
    return *m_source.find(name);
}

bool Gatherer::isTable(const std::string& name) const {
    const auto dtype = m_source.find(name)->dtype;
    return dtype == DType::I32 || dtype == DType::I64;
}

bool Gatherer::isVector(const std::string& name) const {
    return m_source.find(name)->shape.size() < 2;
}

Result<ops::WeightView> Gatherer::matrix(const std::string& name) {
    const auto tensor = use(name);
    const bool fp4 = packsTwo(tensor.dtype);
    ops::WeightParts parts;
    parts.dtype = fp4 ? DType::F4E2M1 : tensor.dtype;
    parts.cols = tensor.shape.empty() ? 1 : tensor.shape.back() * (fp4 && tensor.dtype != DType::F4E2M1 ? 2 : 1);
    parts.rows = tensor.shape.empty() ? 1 : tensor.elementCount() / tensor.shape.back();
    parts.data = tensor.bytes;
    const bool mayScale = tensor.dtype == DType::NVFP4 && has(scaleOf(name));
    if (fp4 || tensor.dtype == DType::F8E4M3 || mayScale) {
        if (!has(scaleOf(name)))
            return Error(ErrorCode::BadFile, "tensor " + scaleOf(name) + " is missing, the weight is quantised");
        const auto scale = use(scaleOf(name));
        parts.scale = scale.bytes;
        parts.scaleDtype = scale.dtype == DType::U8 ? DType::F8E8M0 : scale.dtype;
        parts.blockRows = fp4 ? 0 : m_blockRows;
        parts.blockCols = fp4 ? 0 : m_blockCols;
    }
    return ops::makeWeight(name, parts);
}

Result<Item> Gatherer::vector(const std::string& name) {
    BATHY_TRY(const auto view, matrix(name));
    const auto tensor = *m_source.find(name);
    Item item;
    item.shape.assign(tensor.shape.begin(), tensor.shape.end());
    if (item.shape.empty())
        item.shape = {1};
    item.plain = true;
    item.sources = {view};
    return item;
}

Result<Item> Gatherer::table(const std::string& name) {
    const auto tensor = use(name);
    Item item;
    item.shape.assign(tensor.shape.begin(), tensor.shape.end());
    item.plain = true;
    item.dtype = DType::I32;
    const auto count = static_cast<std::size_t>(tensor.elementCount());
    item.table.resize(4 * count);
    for (std::size_t i = 0; i < count; ++i) {
        std::int64_t value = 0;
        if (tensor.dtype == DType::I64)
            std::memcpy(&value, tensor.bytes.data() + 8 * i, 8);
        else
            std::memcpy(&value, tensor.bytes.data() + 4 * i, 4);
        const auto narrow = static_cast<std::int32_t>(value);
        if (tensor.dtype == DType::I64 && narrow != value)
            return Error(ErrorCode::BadFile, "tensor " + name + " holds " + std::to_string(value));
        std::memcpy(item.table.data() + 4 * i, &narrow, 4);
    }
    return item;
}

std::vector<std::string> Gatherer::leftOut() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < m_source.tensorCount(); ++i)
        if (!m_used.contains(i))
            names.emplace_back(m_source.tensor(i).name);
    return names;
}

Result<DType> typeFor(const Item& item, DType source, std::optional<DType> wanted) {
    if (item.plain)
        return DType::F32;
    auto dtype = wanted.value_or(source == DType::F8E4M3   ? DType::Q8_0
                                 : source == DType::F4E2M1 ? DType::MXFP4
                                                           : source);
    if (dtype != source && !ops::canEncode(dtype))
        return Error(ErrorCode::Unsupported, "tensor " + item.name + ": nothing here writes " +
                                                 std::string(dtypeName(dtype)) + ", only F32, F16, BF16, Q8_0, MXFP4");
    if (item.cols() % dtypeBlock(dtype).elements != 0)
        dtype = DType::F16;
    return dtype;
}

Result<bool> writeItem(const Item& item, const ConvertOptions& options,
                       const std::function<Result<void>(std::span<const std::byte>)>& append) {
    if (!item.table.empty()) {
        BATHY_CHECK(append(item.table));
        return true;
    }
    constexpr std::int64_t kBytesAtOnce = 4 << 20;
    const auto cols = item.cols();
    const auto rowBytes = static_cast<std::int64_t>(dtypeBytes(item.dtype, static_cast<std::uint64_t>(cols)));
    const auto rowsAtOnce = std::clamp<std::int64_t>(kBytesAtOnce / rowBytes, 1, item.rows());
    std::vector<std::byte> buffer(static_cast<std::size_t>(rowsAtOnce * rowBytes));
    std::vector<char> same(static_cast<std::size_t>(rowsAtOnce), 1);
    bool lossless = true;
    for (std::int64_t begin = 0; begin < item.rows(); begin += rowsAtOnce) {
        if (options.stop.stop_requested())
            return cancelled();
        const auto count = std::min(rowsAtOnce, item.rows() - begin);
        options.pool->parallelFor(static_cast<std::size_t>(count), 8, [&](std::size_t first, std::size_t end, int) {
            std::vector<float> values(static_cast<std::size_t>(cols));
            std::vector<float> again(static_cast<std::size_t>(cols));
            for (auto r = first; r < end; ++r) {
                auto* out = buffer.data() + static_cast<std::int64_t>(r) * rowBytes;
                const auto row = begin + static_cast<std::int64_t>(r);
                if (const auto* stored = item.stored(row)) {
                    std::memcpy(out, stored, static_cast<std::size_t>(rowBytes));
                    continue;
                }
                item.decode(row, values.data());
                ops::encodeRow(item.dtype, values.data(), cols, out);
                ops::WeightParts parts;
                parts.dtype = item.dtype;
                parts.rows = 1;
                parts.cols = cols;
                parts.data = {out, static_cast<std::size_t>(rowBytes)};
                const auto view = ops::makeWeight(item.name, parts);
                if (view)
                    ops::decodeRow(*view, 0, again.data());
                same[r] = view && values == again;
            }
        });
        lossless = lossless && std::all_of(same.begin(), same.begin() + count, [](char s) { return s != 0; });
        BATHY_CHECK(append(std::span(buffer).first(static_cast<std::size_t>(count * rowBytes))));
    }
    return lossless;
}

} // namespace bathy::model::gguf
