// A file mapped read-only. The mapping lives as long as the object; moving keeps addresses. Any thread may read.
// A file that is cut off while it is mapped does not end the program: what cannot be read any more reads as zero, and
// intact() says so from then on.
#pragma once

#include "engine/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace bathy {

namespace detail {
struct GuardedRange;
}

class MappedFile {
public:
    // Errors: NotFound, Io. An empty file maps to an empty span.
    static Result<MappedFile> open(const std::filesystem::path& path);

    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    std::span<const std::byte> bytes() const { return {m_data, m_size}; }
    std::uint64_t size() const { return m_size; }
    const std::filesystem::path& path() const { return m_path; }

    // False once a page could not be read. Whatever was computed from the bytes since they were last known to be intact
    // is worthless then.
    bool intact() const;

private:
    MappedFile(std::filesystem::path path, const std::byte* data, std::size_t size, detail::GuardedRange* guard);
    void unmap();

    std::filesystem::path m_path;
    const std::byte* m_data = nullptr;
    std::size_t m_size = 0;
    detail::GuardedRange* m_guard = nullptr;
};

// Brings the pages of some mapped bytes into memory and waits for them, in one go where the system can. False: some
// could not be read.
bool readMapped(std::span<const std::byte> bytes);

} // namespace bathy
