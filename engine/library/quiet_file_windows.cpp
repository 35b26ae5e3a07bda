#include "engine/library/quiet_file.h"

#define WIN32_LEAN_AND_MEAN
#include <algorithm>
#include <windows.h>

namespace bathy::library {
namespace {

constexpr std::int64_t kUnixEpoch = 116'444'736'000'000'000; // in FILETIME's 100 ns since 1601

std::int64_t nanoseconds(const FILETIME& time) {
    const auto ticks = static_cast<std::int64_t>(static_cast<std::uint64_t>(time.dwHighDateTime) << 32U) |
                       static_cast<std::int64_t>(time.dwLowDateTime);
    return (ticks - kUnixEpoch) * 100;
}

std::string utf8(const std::filesystem::path& path) {
    const auto text = path.u8string();
    return {text.begin(), text.end()};
}

template <class Found>
Item itemOf(const std::filesystem::path& path, const Found& found) {
    Item item;
    item.name = utf8(path.filename());
    item.path = path;
    item.kind = (found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 ? ItemKind::Link
                : (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0   ? ItemKind::Folder
                                                                             : ItemKind::File;
    item.bytes = static_cast<std::uint64_t>(found.nFileSizeHigh) << 32U | found.nFileSizeLow;
    item.modifiedNs = nanoseconds(found.ftLastWriteTime);
    item.accessedNs = nanoseconds(found.ftLastAccessTime);
    return item;
}

Error failed(const char* what, const std::filesystem::path& path) {
    const auto reason = GetLastError();
    const bool absent = reason == ERROR_FILE_NOT_FOUND || reason == ERROR_PATH_NOT_FOUND;
    return {absent ? ErrorCode::NotFound : ErrorCode::Io,
            std::string("cannot ") + what + " " + utf8(path) + ": system error " + std::to_string(reason)};
}

} // namespace

Result<Item> lookAt(const std::filesystem::path& path) {
    WIN32_FILE_ATTRIBUTE_DATA found{};
    if (!GetFileAttributesExW(path.c_str(), GetFileExInfoStandard, &found))
        return failed("look at", path);
    return itemOf(path, found);
}

Result<std::vector<Item>> listFolder(const std::filesystem::path& folder) {
    WIN32_FIND_DATAW found{};
    HANDLE search = FindFirstFileW((folder / L"*").c_str(), &found);
    if (search == INVALID_HANDLE_VALUE)
        return failed("list", folder);
    std::vector<Item> items;
    do {
        const std::wstring name = found.cFileName;
        if (name != L"." && name != L"..")
            items.push_back(itemOf(folder / name, found));
    } while (items.size() < kMaxListed && FindNextFileW(search, &found));
    FindClose(search);
    std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.name < b.name; });
    return items;
}

Result<std::filesystem::path> readLink(const std::filesystem::path& link) {
    std::error_code ec;
    auto target = std::filesystem::read_symlink(link, ec);
    if (ec)
        return Error(ErrorCode::Io, "cannot read the link " + utf8(link) + ": " + ec.message());
    return target;
}

Result<QuietFile> QuietFile::open(const std::filesystem::path& path) {
    HANDLE file = CreateFileW(path.c_str(), GENERIC_READ | FILE_WRITE_ATTRIBUTES,
                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                              FILE_FLAG_OPEN_REPARSE_POINT, nullptr);
    if (file != INVALID_HANDLE_VALUE) {
        // This value asks the system to leave the access time alone for as long as the handle is open.
        const FILETIME leave{0xFFFFFFFF, 0xFFFFFFFF};
        SetFileTime(file, nullptr, &leave, nullptr);
    } else {
        file = CreateFileW(path.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                           OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, nullptr);
    }
    if (file == INVALID_HANDLE_VALUE)
        return failed("open", path);
    LARGE_INTEGER size{};
    if (GetFileType(file) != FILE_TYPE_DISK || !GetFileSizeEx(file, &size)) {
        CloseHandle(file);
        return Error(ErrorCode::Io, utf8(path) + " is not a regular file");
    }
    return QuietFile(path, reinterpret_cast<std::intptr_t>(file), static_cast<std::uint64_t>(size.QuadPart));
}

void QuietFile::close() {
    if (m_handle != -1)
        CloseHandle(reinterpret_cast<HANDLE>(m_handle));
}

Result<void> QuietFile::read(std::uint64_t offset, std::span<std::byte> into) const {
    while (!into.empty()) {
        OVERLAPPED at{};
        at.Offset = static_cast<DWORD>(offset);
        at.OffsetHigh = static_cast<DWORD>(offset >> 32U);
        const auto wanted = static_cast<DWORD>(std::min<std::size_t>(into.size(), 1U << 30U));
        DWORD got = 0;
        if (!ReadFile(reinterpret_cast<HANDLE>(m_handle), into.data(), wanted, &got, &at) || got == 0)
            return failed("read", m_path);
        into = into.subspan(got);
        offset += got;
    }
    return {};
}

} // namespace bathy::library
