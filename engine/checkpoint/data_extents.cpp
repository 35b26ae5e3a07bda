#include "engine/checkpoint/data_extents.h"

#include <system_error>

#ifndef _WIN32
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#endif

namespace bathy::checkpoint {
namespace {

std::vector<Extent> wholeFile(const std::filesystem::path& file) {
    std::error_code ec;
    const auto size = std::filesystem::file_size(file, ec);
    return {{0, ec ? 0 : size}};
}

} // namespace

#ifdef SEEK_DATA

std::vector<Extent> dataExtents(const std::filesystem::path& file) {
    constexpr std::size_t kMaxExtents = 1'000'000;
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return wholeFile(file);
    std::vector<Extent> extents;
    bool known = true;
    for (off_t at = 0; known && extents.size() < kMaxExtents;) {
        const off_t begin = lseek(fd, at, SEEK_DATA);
        if (begin < 0) {
            known = errno == ENXIO; // no data after `at`; anything else: cannot tell
            break;
        }
        const off_t end = lseek(fd, begin, SEEK_HOLE);
        known = end > begin;
        extents.push_back({static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(end)});
        at = end;
    }
    ::close(fd);
    return known && extents.size() < kMaxExtents ? extents : wholeFile(file);
}

#else

std::vector<Extent> dataExtents(const std::filesystem::path& file) {
    return wholeFile(file);
}

#endif

} // namespace bathy::checkpoint
