// A capture: the event stream of a run kept in a file, with an index at the end. Readable without the index, as a crash
// leaves it. Format: docs/formats/capture.md. Writer and reader have one owner each.
#pragma once

#include "engine/api/events.h"
#include "engine/base/mapped_file.h"
#include "engine/base/result.h"
#include "engine/wire/wire.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bathy::wire {

inline constexpr std::uint32_t kCaptureVersion = 1;
inline constexpr std::size_t kCaptureHeaderBytes = 32;

class CaptureWriter {
public:
    // Replaces a file that is there. Errors: Io.
    static Result<CaptureWriter> create(const std::filesystem::path& path, const std::string& build);

    // Appends. Errors: Io (also a full disk), BadArgument for an event that does not fit into a frame.
    Result<void> write(const api::Event& event);
    // Writes the index and closes. Without this call the file is a capture without an index. Errors: Io.
    Result<void> finish();

    std::uint64_t bytes() const { return m_offset; }

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    struct Entry {
        std::uint64_t offset = 0;
        std::uint8_t kind = 0;
    };

    CaptureWriter(std::FILE* file, std::string name) : m_file(file), m_name(std::move(name)) {}
    Result<void> append(std::span<const std::uint8_t> bytes);

    std::unique_ptr<std::FILE, Close> m_file;
    std::string m_name;
    std::uint64_t m_offset = 0;
    std::vector<Entry> m_entries;
};

class CaptureReader {
public:
    // Maps the file; nothing in it is believed. Errors: NotFound, Io, BadFile (naming the file and the place).
    static Result<CaptureReader> open(const std::filesystem::path& path);
    // The same over bytes that outlive the reader; `name` stands for the file in errors.
    static Result<CaptureReader> fromBytes(std::span<const std::uint8_t> bytes, std::string name);

    std::size_t eventCount() const { return m_frames.size(); }
    // Errors: BadFile when the frame breaks the protocol.
    Result<api::Event> read(std::size_t index) const;

    const std::string& build() const { return m_hello.build; }
    bool indexed() const { return m_indexed; }              // closed properly
    std::uint64_t lostBytes() const { return m_lostBytes; } // of a last frame that was cut off

private:
    struct Frame {
        std::uint64_t offset = 0; // of the payload
        std::uint32_t size = 0;
    };

    Result<void> readHeader();
    Result<void> scanFrames(std::uint64_t end);
    Result<void> readIndex(std::uint64_t offset);
    Error bad(std::uint64_t offset, const std::string& what) const;

    std::unique_ptr<MappedFile> m_file; // null when the bytes are someone else's
    std::span<const std::uint8_t> m_bytes;
    std::string m_name;
    Hello m_hello;
    std::vector<Frame> m_frames;
    bool m_indexed = false;
    std::uint64_t m_lostBytes = 0;
};

} // namespace bathy::wire
