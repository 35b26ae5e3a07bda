#include "engine/cli/npy_writer.h"

#include <bit>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <string>

namespace bathy::cli {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian");

// Room for any shape, so that the header can be written again when the number of rows is known.
constexpr std::size_t kHeaderBytes = 128;
constexpr std::int64_t kElementBytes = 4; // of both types

std::string headerText(NpyType type, std::int64_t rows, std::int64_t columns) {
    std::string header("\x93NUMPY\x01\x00", 8);
    header += static_cast<char>((kHeaderBytes - 10) & 0xff);
    header += static_cast<char>((kHeaderBytes - 10) >> 8);
    header += std::string("{'descr': '") + (type == NpyType::Int32 ? "<i4" : "<f4") +
              "', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " + std::to_string(columns) + "), }";
    header.resize(kHeaderBytes - 1, ' ');
    return header + '\n';
}

} // namespace

Result<NpyWriter> NpyWriter::create(const std::filesystem::path& path, std::int64_t columns, NpyType type) {
    NpyWriter writer;
    writer.m_path = path;
    writer.m_columns = columns;
    writer.m_type = type;
#ifdef _WIN32
    writer.m_file.reset(_wfopen(path.c_str(), L"wb"));
#else
    writer.m_file.reset(std::fopen(path.c_str(), "wb"));
#endif
    if (!writer.m_file)
        return writer.failed();
    BATHY_CHECK(writer.writeHeader());
    return writer;
}

Error NpyWriter::failed() const {
    return {ErrorCode::Io, "cannot write " + m_path.string() + ": " + std::strerror(errno)};
}

Result<void> NpyWriter::writeHeader() {
    const auto header = headerText(m_type, m_rows, m_columns);
    if (std::fwrite(header.data(), 1, header.size(), m_file.get()) != header.size())
        return failed();
    return {};
}

Result<void> NpyWriter::append(std::span<const float> rows) {
    assert(m_type == NpyType::Float32);
    return appendBytes(std::as_bytes(rows));
}

Result<void> NpyWriter::append(std::span<const std::int32_t> rows) {
    assert(m_type == NpyType::Int32);
    return appendBytes(std::as_bytes(rows));
}

Result<void> NpyWriter::appendBytes(std::span<const std::byte> bytes) {
    if (!bytes.empty() && std::fwrite(bytes.data(), 1, bytes.size(), m_file.get()) != bytes.size())
        return failed();
    m_rows += static_cast<std::int64_t>(bytes.size()) / kElementBytes / m_columns;
    return {};
}

Result<void> NpyWriter::finish() {
    if (std::fseek(m_file.get(), 0, SEEK_SET) != 0)
        return failed();
    BATHY_CHECK(writeHeader());
    // Closing flushes; a full disk shows here.
    if (std::fclose(m_file.release()) != 0)
        return failed();
    return {};
}

} // namespace bathy::cli
