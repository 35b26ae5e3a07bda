#include "engine/base/durable_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <system_error>
#include <vector>

#ifdef _WIN32
#include <io.h>
#else
#include <fcntl.h>
#include <unistd.h>
#endif

namespace bathy {
namespace {

namespace fs = std::filesystem;

struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

Error writeError(const fs::path& path, const std::string& reason) {
    return Error(ErrorCode::Io, "cannot write " + path.string() + ": " + reason, "check free space and permissions");
}

#ifdef _WIN32
File createForOwner(const fs::path& path) {
    return File(_wfopen(path.c_str(), L"wbx"));
}
bool flushToDisk(std::FILE& file) {
    return std::fflush(&file) == 0 && _commit(_fileno(&file)) == 0;
}
void flushFolder(const fs::path&) {} // renames are in the file system's journal
#else
File createForOwner(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return File(descriptor < 0 ? nullptr : ::fdopen(descriptor, "wb"));
}
bool flushToDisk(std::FILE& file) {
    return std::fflush(&file) == 0 && ::fsync(::fileno(&file)) == 0;
}
void flushFolder(const fs::path& folder) {
    if (const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); descriptor >= 0) {
        ::fsync(descriptor);
        ::close(descriptor);
    }
}
#endif

Result<void> writeParts(const fs::path& path, std::span<const std::span<const std::byte>> parts) {
    const auto file = createForOwner(path);
    if (!file)
        return writeError(path, std::strerror(errno));
    for (const auto part : parts)
        if (!part.empty() && std::fwrite(part.data(), 1, part.size(), file.get()) != part.size())
            return writeError(path, std::strerror(errno));
    if (!flushToDisk(*file))
        return writeError(path, std::strerror(errno));
    return {};
}

} // namespace

Result<void> writeDurably(const fs::path& path, std::span<const std::span<const std::byte>> parts) {
    // Random, not numbered: processes of several machines may share a folder.
    std::random_device random;
    auto beside = path;
    beside += '.' + std::to_string((std::uint64_t{random()} << 32U) | random()) + kUnfinishedEnding;
    std::error_code ec;
    if (auto written = writeParts(beside, parts); !written) {
        fs::remove(beside, ec);
        return written;
    }
    fs::rename(beside, path, ec);
    if (ec) {
        const auto reason = ec.message();
        fs::remove(beside, ec);
        return writeError(path, reason);
    }
    flushFolder(path.parent_path());
    return {};
}

Result<void> createPrivateFolder(const fs::path& path) {
    std::error_code ec;
    std::vector<fs::path> missing;
    for (auto folder = path; !folder.empty() && !fs::exists(folder, ec); folder = folder.parent_path()) {
        if (ec)
            return writeError(path, ec.message());
        if (folder.has_filename())
            missing.push_back(folder);
    }
    for (auto folder = missing.rbegin(); folder != missing.rend(); ++folder) {
        if (fs::create_directory(*folder, ec))
            fs::permissions(*folder, fs::perms::owner_all, ec);
        if (ec)
            return writeError(path, ec.message());
    }
    if (!fs::is_directory(path, ec))
        return writeError(path, "it is no folder");
    return {};
}

} // namespace bathy
