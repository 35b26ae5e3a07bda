#include "engine/checkpoint/safetensors_writer.h"

#include <array>
#include <cerrno>
#include <system_error>

namespace bathy::checkpoint {
namespace {

void appendQuoted(std::string& json, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    json += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            json.append(1, '\\').append(1, c);
        else if (byte < 0x20)
            json.append("\\u00").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
        else
            json += c;
    }
    json += '"';
}

} // namespace

std::uint64_t TensorPlan::byteCount() const {
    std::uint64_t count = 1;
    for (const auto dim : shape)
        count *= static_cast<std::uint64_t>(dim);
    return dtypeBytes(dtype, count);
}

std::string safetensorsHeader(std::span<const TensorPlan> tensors) {
    std::string json = R"({"__metadata__":{"format":"pt"})";
    std::uint64_t at = 0;
    for (const auto& tensor : tensors) {
        json += ',';
        appendQuoted(json, tensor.name);
        json.append(R"(:{"dtype":")").append(dtypeName(tensor.dtype)).append(R"(","shape":[)");
        for (std::size_t i = 0; i < tensor.shape.size(); ++i)
            json.append(i ? "," : "").append(std::to_string(tensor.shape[i]));
        const auto end = at + tensor.byteCount();
        json.append(R"(],"data_offsets":[)")
            .append(std::to_string(at))
            .append(",")
            .append(std::to_string(end))
            .append("]}");
        at = end;
    }
    json += '}';
    json.append((8 - json.size() % 8) % 8, ' ');
    std::string header(8, '\0');
    for (std::size_t i = 0; i < 8; ++i)
        header[i] = static_cast<char>(static_cast<std::uint64_t>(json.size()) >> (8 * i) & 0xFF);
    return header + json;
}

Result<SafetensorsWriter> SafetensorsWriter::create(const std::filesystem::path& path,
                                                    std::span<const TensorPlan> tensors) {
    SafetensorsWriter writer;
    writer.m_path = path;
    BATHY_TRY(writer.m_file, createFile(path));
    const auto header = safetensorsHeader(tensors);
    writer.m_headerBytes = header.size();
    for (const auto& tensor : tensors)
        writer.m_dataBytes += tensor.byteCount();
    BATHY_CHECK(writeAll(*writer.m_file, std::as_bytes(std::span(header)), path));
    return writer;
}

Result<void> SafetensorsWriter::append(std::span<const std::byte> bytes) {
    if (bytes.size() > m_dataBytes - m_written)
        return Error(ErrorCode::Internal, m_path.string() + ": more data than the header plans");
    BATHY_CHECK(writeAll(*m_file, bytes, m_path));
    m_written += bytes.size();
    return {};
}

Result<void> SafetensorsWriter::close() {
    if (std::fclose(m_file.release()) != 0)
        return writeError(m_path, errno);
    return {};
}

Result<void> SafetensorsWriter::finish() {
    if (m_written != m_dataBytes)
        return Error(ErrorCode::Internal, m_path.string() + ": less data than the header plans");
    return close();
}

Result<void> SafetensorsWriter::finishSparse() {
    BATHY_CHECK(close());
    std::error_code ec;
    std::filesystem::resize_file(m_path, m_headerBytes + m_dataBytes, ec);
    if (ec)
        return Error(ErrorCode::Io, "cannot give " + m_path.string() + " its length: " + ec.message(),
                     "the file system must allow sparse files of this size");
    return {};
}

} // namespace bathy::checkpoint
