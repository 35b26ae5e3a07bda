#include "engine/base/mapped_file.h"

#include "engine/base/mapped_guard.h"

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

namespace {

constexpr std::size_t kPageBytes = 4096; // the smallest there is

bool touchPages(std::span<const std::byte> bytes) {
    unsigned sum = 0;
    for (std::size_t i = 0; i < bytes.size(); i += kPageBytes)
        sum += std::to_integer<unsigned>(bytes[i]);
    // The sum goes nowhere; volatile keeps the reads.
    [[maybe_unused]] volatile unsigned sink = sum;
    return true;
}

} // namespace

MappedFile::MappedFile(std::filesystem::path path, const std::byte* data, std::size_t size, detail::GuardedRange* guard)
    : m_path(std::move(path)), m_data(data), m_size(size), m_guard(guard) {}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : m_path(std::move(other.m_path)), m_data(std::exchange(other.m_data, nullptr)),
      m_size(std::exchange(other.m_size, 0)), m_guard(std::exchange(other.m_guard, nullptr)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    if (this != &other) {
        unmap();
        m_path = std::move(other.m_path);
        m_data = std::exchange(other.m_data, nullptr);
        m_size = std::exchange(other.m_size, 0);
        m_guard = std::exchange(other.m_guard, nullptr);
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

bool MappedFile::intact() const {
    return true; // the system lets nobody cut off a file that is mapped
}

bool readMapped(std::span<const std::byte> bytes) {
    return touchPages(bytes);
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
    return MappedFile(path, static_cast<const std::byte*>(data), static_cast<std::size_t>(size.QuadPart), nullptr);
}

#else

void MappedFile::unmap() {
    if (!m_data)
        return;
    detail::releaseRange(m_guard);
    munmap(const_cast<std::byte*>(m_data), m_size);
}

bool MappedFile::intact() const {
    return !m_guard || !m_guard->damaged.load(std::memory_order_acquire);
}

bool readMapped(std::span<const std::byte> bytes) {
#ifdef MADV_POPULATE_READ
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data()) / page * page;
    const auto end = reinterpret_cast<std::uintptr_t>(bytes.data()) + bytes.size();
    if (bytes.empty() || madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_READ) == 0)
        return true;
    if (errno != EINVAL) // a kernel that does not know the advice
        return false;
#endif
    return touchPages(bytes);
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
    auto* guard = data ? detail::guardRange(data, size) : nullptr;
    return MappedFile(path, static_cast<const std::byte*>(data), size, guard);
}

#endif

} // namespace bathy
