#include "engine/base/mapped_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace bathy {

MappedFile::MappedFile(std::filesystem::path path, const std::byte* data, std::size_t size)
    : m_path(std::move(path)), m_data(data), m_size(size) {}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : m_path(std::move(other.m_path)), m_data(std::exchange(other.m_data, nullptr)),
      m_size(std::exchange(other.m_size, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    if (this != &other) {
        unmap();
        m_path = std::move(other.m_path);
        m_data = std::exchange(other.m_data, nullptr);
        m_size = std::exchange(other.m_size, 0);
    }
    return *this;
}

MappedFile::~MappedFile() {
    unmap();
}

#ifdef _WIN32

void MappedFile::unmap() {
    if (m_data)
        UnmapViewOfFile(m_data);
}

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
    HANDLE file = CreateFileW(path.c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr, OPEN_EXISTING,
                              FILE_ATTRIBUTE_NORMAL, nullptr);
    if (file == INVALID_HANDLE_VALUE)
        return Error(ErrorCode::NotFound, "cannot open " + path.string(), "check that the file exists and can be read");
    LARGE_INTEGER size{};
    const bool sized = GetFileSizeEx(file, &size) != 0;
    HANDLE mapping =
        sized && size.QuadPart > 0 ? CreateFileMappingW(file, nullptr, PAGE_READONLY, 0, 0, nullptr) : nullptr;
    const void* data = mapping ? MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0) : nullptr;
    if (mapping)
        CloseHandle(mapping);
    CloseHandle(file);
    if (!sized || (size.QuadPart > 0 && !data))
        return Error(ErrorCode::Io, "cannot map " + path.string());
    return MappedFile(path, static_cast<const std::byte*>(data), static_cast<std::size_t>(size.QuadPart));
}

#else

void MappedFile::unmap() {
    if (m_data)
        munmap(const_cast<std::byte*>(m_data), m_size);
}

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        const auto code = errno == ENOENT ? ErrorCode::NotFound : ErrorCode::Io;
        return Error(code, "cannot open " + path.string() + ": " + std::strerror(errno),
                     "check that the file exists and can be read");
    }
    struct stat info {};
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        ::close(fd);
        return Error(ErrorCode::Io, path.string() + " is not a regular file");
    }
    const auto size = static_cast<std::size_t>(info.st_size);
    void* data = nullptr;
    if (size > 0)
        data = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
    ::close(fd);
    if (data == MAP_FAILED)
        return Error(ErrorCode::Io, "cannot map " + path.string() + ": " + std::strerror(errno));
    return MappedFile(path, static_cast<const std::byte*>(data), size);
}

#endif

} // namespace bathy
