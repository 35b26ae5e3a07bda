#include "engine/library/quiet_file.h"

#include <utility>

namespace bathy::library {

QuietFile::QuietFile(std::filesystem::path path, std::intptr_t handle, std::uint64_t size)
    : m_path(std::move(path)), m_handle(handle), m_size(size) {}

QuietFile::QuietFile(QuietFile&& other) noexcept
    : m_path(std::move(other.m_path)), m_handle(std::exchange(other.m_handle, -1)), m_size(other.m_size) {}

QuietFile& QuietFile::operator=(QuietFile&& other) noexcept {
    if (this != &other) {
        close();
        m_path = std::move(other.m_path);
        m_handle = std::exchange(other.m_handle, -1);
        m_size = other.m_size;
    }
    return *this;
}

QuietFile::~QuietFile() {
    close();
}

Result<std::string> readQuietly(const std::filesystem::path& path, std::uint64_t limitBytes) {
    BATHY_TRY(const auto file, QuietFile::open(path));
    if (file.size() > limitBytes)
        return Error(ErrorCode::BadFile, path.string() + " has " + std::to_string(file.size()) +
                                             " bytes, more than the limit of " + std::to_string(limitBytes));
    std::string text(static_cast<std::size_t>(file.size()), '\0');
    BATHY_CHECK(file.read(0, std::as_writable_bytes(std::span(text))));
    return text;
}

} // namespace bathy::library
