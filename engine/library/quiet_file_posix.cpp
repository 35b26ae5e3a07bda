#include "engine/library/quiet_file.h"
#include "engine/library/utf8_name.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace bathy::library {
namespace {

Error failed(const char* what, const std::filesystem::path& path) {
    const auto code = errno == ENOENT || errno == ENOTDIR ? ErrorCode::NotFound : ErrorCode::Io;
    return {code, std::string("cannot ") + what + " " + path.string() + ": " + std::strerror(errno)};
}

// Only the owner of a file may ask for its access time to be left alone.
int openQuietly(const std::filesystem::path& path, int flags) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOATIME | flags);
    if (fd < 0 && errno == EPERM)
        return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
    return fd;
}

std::int64_t nanoseconds(const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

Item itemOf(std::string name, std::filesystem::path path, const struct stat& info) {
    Item item;
    item.name = std::move(name);
    item.path = std::move(path);
    item.kind = S_ISREG(info.st_mode)   ? ItemKind::File
                : S_ISDIR(info.st_mode) ? ItemKind::Folder
                : S_ISLNK(info.st_mode) ? ItemKind::Link
                                        : ItemKind::Other;
    item.bytes = static_cast<std::uint64_t>(info.st_size);
    item.modifiedNs = nanoseconds(info.st_mtim);
    item.accessedNs = nanoseconds(info.st_atim);
    return item;
}

struct CloseFolder {
    void operator()(DIR* folder) const { closedir(folder); }
};

} // namespace

Result<Item> lookAt(const std::filesystem::path& path) {
    struct stat info {};
    if (lstat(path.c_str(), &info) != 0)
        return failed("look at", path);
    return itemOf(path.filename().string(), path, info);
}

Result<std::vector<Item>> listFolder(const std::filesystem::path& folder) {
    const int fd = openQuietly(folder, O_DIRECTORY);
    if (fd < 0)
        return failed("list", folder);
    const std::unique_ptr<DIR, CloseFolder> open(fdopendir(fd));
    if (!open) {
        const auto error = failed("list", folder);
        ::close(fd);
        return error;
    }
    std::vector<Item> items;
    while (const dirent* entry = readdir(open.get())) {
        const std::string name = entry->d_name;
        struct stat info {};
        if (name == "." || name == ".." || !isUtf8(name) || fstatat(fd, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        items.push_back(itemOf(name, folder / name, info));
        if (items.size() == kMaxListed)
            break;
    }
    std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.name < b.name; });
    return items;
}

Result<std::filesystem::path> readLink(const std::filesystem::path& link) {
    std::array<char, 4096> target{};
    const auto length = ::readlink(link.c_str(), target.data(), target.size());
    if (length <= 0 || static_cast<std::size_t>(length) == target.size())
        return failed("read the link", link);
    return std::filesystem::path(std::string(target.data(), static_cast<std::size_t>(length)));
}

Result<QuietFile> QuietFile::open(const std::filesystem::path& path) {
    // Without O_NONBLOCK a pipe that somebody calls a model would keep us waiting for its writer.
    const int fd = openQuietly(path, O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return failed("open", path);
    struct stat info {};
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        ::close(fd);
        return Error(ErrorCode::Io, path.string() + " is not a regular file");
    }
    return QuietFile(path, fd, static_cast<std::uint64_t>(info.st_size));
}

void QuietFile::close() {
    if (m_handle >= 0)
        ::close(static_cast<int>(m_handle));
}

Result<void> QuietFile::read(std::uint64_t offset, std::span<std::byte> into) const {
    while (!into.empty()) {
        const auto got = ::pread(static_cast<int>(m_handle), into.data(), into.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failed("read", m_path);
        if (got == 0)
            return Error(ErrorCode::Io, m_path.string() + " ends at byte " + std::to_string(offset));
        into = into.subspan(static_cast<std::size_t>(got));
        offset += static_cast<std::uint64_t>(got);
    }
    return {};
}

} // namespace bathy::library
