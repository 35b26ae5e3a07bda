#include "engine/checkpoint/gguf_writer.h"

#include "engine/checkpoint/gguf_header.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace bathy::checkpoint {
namespace {

constexpr std::uint64_t kAlignment = 32;

template <class T>
void addNumber(std::string& out, T value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::uint64_t paddingAfter(std::uint64_t bytes) {
    return (kAlignment - bytes % kAlignment) % kAlignment;
}

Error cannotHold(const TensorPlan& tensor, const std::string& what) {
    return Error(ErrorCode::BadArgument, "tensor " + quotedName(tensor.name) + ": GGUF holds " + what);
}

Result<std::string> tensorInfo(const TensorPlan& tensor, std::uint64_t offset) {
    if (tensor.name.empty() || tensor.name.size() > kMaxGgufNameBytes)
        return cannotHold(tensor, "names of 1 to 63 bytes only");
    if (tensor.shape.empty() || tensor.shape.size() > 4)
        return cannotHold(tensor, "1 to 4 dimensions only");
    const auto type = ggufTypeOf(tensor.dtype);
    if (!type)
        return cannotHold(tensor, "no " + std::string(dtypeName(tensor.dtype)));
    if (tensor.shape.back() % dtypeBlock(tensor.dtype).elements != 0)
        return cannotHold(tensor, "whole " + std::string(dtypeName(tensor.dtype)) + " blocks only");
    std::string info;
    addNumber<std::uint64_t>(info, tensor.name.size());
    info += tensor.name;
    addNumber(info, static_cast<std::uint32_t>(tensor.shape.size()));
    for (auto dim = tensor.shape.rbegin(); dim != tensor.shape.rend(); ++dim) {
        if (*dim <= 0)
            return cannotHold(tensor, "no empty tensors");
        addNumber(info, static_cast<std::uint64_t>(*dim));
    }
    addNumber(info, *type);
    addNumber(info, offset);
    return info;
}

} // namespace

void GgufPairs::text(std::string_view value) {
    addNumber<std::uint64_t>(m_bytes, value.size());
    m_bytes += value;
}

void GgufPairs::begin(std::string_view key, GgufValueType type) {
    text(key);
    addNumber(m_bytes, static_cast<std::uint32_t>(type));
    ++m_count;
}

void GgufPairs::beginArray(std::string_view key, GgufValueType element, std::size_t count) {
    begin(key, GgufValueType::Array);
    addNumber(m_bytes, static_cast<std::uint32_t>(element));
    addNumber<std::uint64_t>(m_bytes, count);
}

void GgufPairs::u32(std::string_view key, std::uint32_t value) {
    begin(key, GgufValueType::U32);
    addNumber(m_bytes, value);
}

void GgufPairs::f32(std::string_view key, float value) {
    begin(key, GgufValueType::F32);
    addNumber(m_bytes, value);
}

void GgufPairs::boolean(std::string_view key, bool value) {
    begin(key, GgufValueType::Bool);
    addNumber(m_bytes, static_cast<std::uint8_t>(value));
}

void GgufPairs::string(std::string_view key, std::string_view value) {
    begin(key, GgufValueType::String);
    text(value);
}

void GgufPairs::strings(std::string_view key, std::span<const std::string> values) {
    beginArray(key, GgufValueType::String, values.size());
    for (const auto& value : values)
        text(value);
}

void GgufPairs::i32s(std::string_view key, std::span<const std::int32_t> values) {
    beginArray(key, GgufValueType::I32, values.size());
    for (const auto value : values)
        addNumber(m_bytes, value);
}

void GgufPairs::f32s(std::string_view key, std::span<const float> values) {
    beginArray(key, GgufValueType::F32, values.size());
    for (const auto value : values)
        addNumber(m_bytes, value);
}

void GgufPairs::raw(std::string_view key, const GgufValue& value) {
    if (value.type == GgufValueType::Array)
        beginArray(key, value.elementType, value.count);
    else
        begin(key, value.type);
    if (value.type == GgufValueType::String)
        addNumber<std::uint64_t>(m_bytes, value.bytes.size());
    m_bytes.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
}

Result<GgufWriter> GgufWriter::create(const std::filesystem::path& path, const GgufPairs& pairs,
                                      std::span<const TensorPlan> tensors) {
    std::string header = "GGUF";
    addNumber<std::uint32_t>(header, 3);
    addNumber<std::uint64_t>(header, tensors.size());
    addNumber(header, pairs.count());
    header += pairs.bytes();
    GgufWriter writer;
    writer.m_path = path;
    std::uint64_t offset = 0;
    for (const auto& tensor : tensors) {
        BATHY_TRY(const auto info, tensorInfo(tensor, offset));
        header += info;
        writer.m_sizes.push_back(tensor.byteCount());
        offset += writer.m_sizes.back() + paddingAfter(writer.m_sizes.back());
    }
    header.append(paddingAfter(header.size()), '\0');
    BATHY_TRY(writer.m_file, createFile(path));
    BATHY_CHECK(writer.put(std::as_bytes(std::span(header))));
    return writer;
}

Result<void> GgufWriter::put(std::span<const std::byte> bytes) {
    return writeAll(*m_file, bytes, m_path);
}

Result<void> GgufWriter::append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        if (m_tensor == m_sizes.size())
            return Error(ErrorCode::Internal, m_path.string() + ": more data than the header plans");
        const auto size = m_sizes[m_tensor];
        const auto piece = std::min<std::uint64_t>(bytes.size(), size - m_written);
        BATHY_CHECK(put(bytes.first(piece)));
        bytes = bytes.subspan(piece);
        m_written += piece;
        if (m_written < size)
            continue;
        constexpr std::array<std::byte, kAlignment> kZeros{};
        BATHY_CHECK(put(std::span(kZeros).first(paddingAfter(size))));
        ++m_tensor;
        m_written = 0;
    }
    return {};
}

Result<void> GgufWriter::finish() {
    if (m_tensor != m_sizes.size())
        return Error(ErrorCode::Internal, m_path.string() + ": less data than the header plans");
    if (std::fclose(m_file.release()) != 0)
        return writeError(m_path, errno);
    return {};
}

} // namespace bathy::checkpoint
