#include "engine/wire/byte_stream.h"
#include "engine/wire/capture.h"
#include "engine/wire/capture_layout.h"

#include <cerrno>
#include <cstring>

namespace bathy::wire {

namespace {

Error ioError(const std::string& name) {
    return Error(ErrorCode::Io, name + ": " + std::strerror(errno),
                 "is there room on the disk, and may one write there?");
}

} // namespace

Bytes captureHeader(const CaptureHeader& header) {
    ByteWriter out;
    out.bytes(kCaptureMagic);
    out.u32(kCaptureVersion);
    out.u32(0);
    out.u64(header.indexOffset);
    out.u64(header.eventCount);
    return out.take();
}

Result<CaptureWriter> CaptureWriter::create(const std::filesystem::path& path, const std::string& build) {
    std::FILE* file = std::fopen(path.string().c_str(), "wb");
    if (file == nullptr)
        return ioError(path.string());
    CaptureWriter writer(file, path.string());
    BATHY_CHECK(writer.append(captureHeader({})));
    BATHY_TRY(const auto hello, encode(Hello{kProtocolVersion, Role::Capture, build}));
    BATHY_CHECK(writer.append(hello));
    return writer;
}

Result<void> CaptureWriter::append(std::span<const std::uint8_t> bytes) {
    if (!bytes.empty() && std::fwrite(bytes.data(), 1, bytes.size(), m_file.get()) != bytes.size())
        return ioError(m_name);
    m_offset += bytes.size();
    return {};
}

Result<void> CaptureWriter::write(const api::Event& event) {
    BATHY_TRY(const auto frame, encode(event));
    m_entries.push_back({m_offset, static_cast<std::uint8_t>(event.index())});
    BATHY_CHECK(append(frame));
    // What was said must survive a crash of this program: the system has it from here on.
    if (!std::holds_alternative<api::Records>(event) && std::fflush(m_file.get()) != 0)
        return ioError(m_name);
    return {};
}

Result<void> CaptureWriter::finish() {
    const auto indexOffset = m_offset;
    ByteWriter out;
    out.bytes(kIndexMagic);
    std::uint64_t last = 0;
    for (const auto& entry : m_entries) {
        out.varint(entry.offset - last);
        out.u8(entry.kind);
        last = entry.offset;
    }
    BATHY_CHECK(append(out.take()));
    if (std::fseek(m_file.get(), 0, SEEK_SET) != 0)
        return ioError(m_name);
    BATHY_CHECK(append(captureHeader({indexOffset, m_entries.size()})));
    if (std::fclose(m_file.release()) != 0)
        return ioError(m_name);
    return {};
}

} // namespace bathy::wire
