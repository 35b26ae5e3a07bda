#include "engine/cli/npy_writer.h"

#include <bit>
#include <cerrno>
#include <cstring>
#include <string>

namespace bathy::cli {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian");

// Room for any shape, so that the header can be written again when the number of rows is known.
constexpr std::size_t kHeaderBytes = 128;

std::string headerText(std::int64_t rows, std::int64_t columns) {
    std::string header("\x93NUMPY\x01\x00", 8);
    header += static_cast<char>((kHeaderBytes - 10) & 0xff);
    header += static_cast<char>((kHeaderBytes - 10) >> 8);
    header += "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " +
              std::to_string(columns) + "), }";
    header.resize(kHeaderBytes - 1, ' ');
    return header + '\n';
}

} // namespace

Result<NpyWriter> NpyWriter::create(const std::filesystem::path& path, std::int64_t columns) {
    NpyWriter writer;
    writer.m_path = path;
    writer.m_columns = columns;
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
    const auto header = headerText(m_rows, m_columns);
    if (std::fwrite(header.data(), 1, header.size(), m_file.get()) != header.size())
        return failed();
    return {};
}

Result<void> NpyWriter::append(std::span<const float> rows) {
    if (!rows.empty() && std::fwrite(rows.data(), sizeof(float), rows.size(), m_file.get()) != rows.size())
        return failed();
    m_rows += static_cast<std::int64_t>(rows.size()) / m_columns;
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
