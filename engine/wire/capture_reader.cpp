#include "engine/wire/byte_stream.h"
#include "engine/wire/capture.h"
#include "engine/wire/capture_layout.h"

#include <utility>
#include <variant>

namespace bathy::wire {

namespace {

std::uint32_t frameLength(std::span<const std::uint8_t> bytes) {
    return ByteReader(bytes).u32();
}

} // namespace

Error CaptureReader::bad(std::uint64_t offset, const std::string& what) const {
    return Error(ErrorCode::BadFile, m_name + ": " + what + " at byte " + std::to_string(offset));
}

Result<CaptureReader> CaptureReader::open(const std::filesystem::path& path) {
    BATHY_TRY(auto file, MappedFile::open(path));
    auto owned = std::make_unique<MappedFile>(std::move(file));
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(owned->bytes().data()), owned->bytes().size());
    BATHY_TRY(auto reader, fromBytes(bytes, path.string()));
    reader.m_file = std::move(owned);
    return reader;
}

Result<CaptureReader> CaptureReader::fromBytes(std::span<const std::uint8_t> bytes, std::string name) {
    CaptureReader reader;
    reader.m_bytes = bytes;
    reader.m_name = std::move(name);
    BATHY_CHECK(reader.readHeader());
    return reader;
}

Result<void> CaptureReader::readHeader() {
    ByteReader in(m_bytes);
    const auto magic = in.bytes(kCaptureMagic.size());
    const auto version = in.u32();
    in.u32(); // reserved
    const auto indexOffset = in.u64();
    const auto eventCount = in.u64();
    if (!in.ok() || magic != kCaptureMagic)
        return bad(0, "this is no capture file");
    if (version != kCaptureVersion)
        return Error(ErrorCode::Unsupported, m_name + ": capture version " + std::to_string(version) +
                                                 ", this build reads " + std::to_string(kCaptureVersion));
    m_indexed = indexOffset != 0;
    if (indexOffset > m_bytes.size())
        return bad(16, "the index lies outside the file,");
    BATHY_CHECK(scanFrames(m_indexed ? indexOffset : m_bytes.size()));
    if (!m_indexed)
        return {};
    if (m_frames.size() != eventCount || m_lostBytes != 0)
        return bad(24, "the header's number of events is not what the file holds,");
    return readIndex(indexOffset);
}

// Only the lengths are looked at here; a payload is checked when it is read.
Result<void> CaptureReader::scanFrames(std::uint64_t end) {
    std::uint64_t offset = kCaptureHeaderBytes;
    bool hello = false;
    while (offset < end) {
        if (end - offset < kFrameHeaderBytes)
            break;
        const auto size = frameLength(m_bytes.subspan(offset, kFrameHeaderBytes));
        if (size == 0 || size > kMaxFrameBytes)
            return bad(offset, "a frame's length is outside its limits");
        if (end - offset - kFrameHeaderBytes < size)
            break;
        const auto payload = m_bytes.subspan(offset + kFrameHeaderBytes, size);
        if (!hello) {
            auto said = decodeHello(payload);
            if (!said)
                return bad(offset, said.error().what());
            m_hello = *std::move(said);
            hello = true;
        } else {
            m_frames.push_back({offset + kFrameHeaderBytes, size});
        }
        offset += kFrameHeaderBytes + size;
    }
    if (!hello)
        return bad(offset, "the file ends before its first frame");
    m_lostBytes = end - offset;
    return {};
}

Result<void> CaptureReader::readIndex(std::uint64_t offset) {
    ByteReader in(m_bytes.subspan(offset));
    if (in.bytes(kIndexMagic.size()) != kIndexMagic)
        return bad(offset, "the index does not begin as one");
    std::uint64_t at = 0;
    for (const auto& frame : m_frames) {
        at += in.varint();
        const auto kind = in.u8();
        if (!in.ok() || at + kFrameHeaderBytes != frame.offset || kind >= std::variant_size_v<api::Event>)
            return bad(offset, "the index does not fit the frames");
    }
    if (!in.atEnd())
        return bad(offset, "bytes after the index");
    return {};
}

Result<api::Event> CaptureReader::read(std::size_t index) const {
    const auto& frame = m_frames[index];
    auto event = decode<api::Event>(m_bytes.subspan(frame.offset, frame.size));
    if (!event)
        return bad(frame.offset, event.error().what());
    return event;
}

} // namespace bathy::wire
