// Files and folders of other programs, looked at without leaving a trace: access times stay as they are where the
// system lets us (O_NOATIME: our own files and folders), links are not followed, nothing is mapped, so that a file that
// shrinks meanwhile is an error and no crash. Only the access time of a symbolic link that is read cannot be spared.
#pragma once

#include "engine/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace bathy::library {

enum class ItemKind : std::uint8_t { File, Folder, Link, Other };

// One entry of a folder. Times are nanoseconds since 1970.
struct Item {
    std::string name; // UTF-8; what a layout calls the file, not always the last part of the path
    std::filesystem::path path;
    ItemKind kind = ItemKind::Other;
    std::uint64_t bytes = 0;
    std::int64_t modifiedNs = 0;
    std::int64_t accessedNs = 0;
};

// The item itself, a link not followed. Errors: NotFound, Io.
Result<Item> lookAt(const std::filesystem::path& path);

// By name, at most kMaxListed items; names that are not UTF-8 are left out. Errors: NotFound, Io.
inline constexpr std::size_t kMaxListed = 100'000;
Result<std::vector<Item>> listFolder(const std::filesystem::path& folder);

// Where a link points, as written in it. Errors: Io.
Result<std::filesystem::path> readLink(const std::filesystem::path& link);

class QuietFile {
public:
    // A regular file. Errors: NotFound, Io.
    static Result<QuietFile> open(const std::filesystem::path& path);

    QuietFile(QuietFile&& other) noexcept;
    QuietFile& operator=(QuietFile&& other) noexcept;
    QuietFile(const QuietFile&) = delete;
    QuietFile& operator=(const QuietFile&) = delete;
    ~QuietFile();

    std::uint64_t size() const { return m_size; }
    // Fills all of `into`. Errors: Io, also when the file ends before.
    Result<void> read(std::uint64_t offset, std::span<std::byte> into) const;

private:
    QuietFile(std::filesystem::path path, std::intptr_t handle, std::uint64_t size);
    void close();

    std::filesystem::path m_path;
    std::intptr_t m_handle = -1; // file descriptor or HANDLE
    std::uint64_t m_size = 0;
};

// A whole small file. Errors: those of QuietFile, BadFile when it is larger than `limitBytes`.
Result<std::string> readQuietly(const std::filesystem::path& path, std::uint64_t limitBytes);

} // namespace bathy::library
