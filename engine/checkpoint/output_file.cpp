#include "engine/checkpoint/output_file.h"

#include <cerrno>
#include <cstring>

namespace bathy::checkpoint {

Result<OutputFile> createFile(const std::filesystem::path& path) {
#ifdef _WIN32
    OutputFile file(_wfopen(path.c_str(), L"wb"));
#else
    OutputFile file(std::fopen(path.c_str(), "wb"));
#endif
    if (!file)
        return writeError(path, errno);
    return file;
}

Result<void> writeAll(std::FILE& file, std::span<const std::byte> bytes, const std::filesystem::path& path) {
    // An empty span may have no address, and fwrite wants one.
    if (!bytes.empty() && std::fwrite(bytes.data(), 1, bytes.size(), &file) != bytes.size())
        return writeError(path, errno);
    return {};
}

Result<void> writeTextFile(const std::filesystem::path& path, std::string_view text) {
    BATHY_TRY(auto file, createFile(path));
    BATHY_CHECK(writeAll(*file, std::as_bytes(std::span(text)), path));
    if (std::fclose(file.release()) != 0)
        return writeError(path, errno);
    return {};
}

Error writeError(const std::filesystem::path& path, int code) {
    return Error(ErrorCode::Io, "cannot write " + path.string() + ": " + std::strerror(code),
                 "check free space and permissions");
}

} // namespace bathy::checkpoint
