#include "engine/base/text_file.h"

#include <fstream>
#include <system_error>

namespace bathy {

Result<std::string> readTextFile(const std::filesystem::path& path, std::uint64_t limitBytes) {
    std::error_code ec;
    if (!std::filesystem::exists(path, ec))
        return Error(ErrorCode::NotFound, path.string() + " does not exist");
    const auto size = std::filesystem::file_size(path, ec);
    if (ec)
        return Error(ErrorCode::Io, "cannot read " + path.string() + ": " + ec.message());
    if (size > limitBytes)
        return Error(ErrorCode::BadFile, path.string() + " has " + std::to_string(size) +
                                             " bytes, more than the limit of " + std::to_string(limitBytes));
    std::ifstream stream(path, std::ios::binary);
    std::string text(static_cast<std::size_t>(size), '\0');
    stream.read(text.data(), static_cast<std::streamsize>(size));
    if (!stream)
        return Error(ErrorCode::Io, "cannot read " + path.string());
    return text;
}

Result<void> writeFileAtomically(const std::filesystem::path& path, std::string_view content) {
    auto temporary = path;
    temporary += ".part";
    {
        std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
        stream.write(content.data(), static_cast<std::streamsize>(content.size()));
        stream.flush();
        if (!stream)
            return Error(ErrorCode::Io, "cannot write " + temporary.string(), "check free space and permissions");
    }
    std::error_code ec;
    std::filesystem::rename(temporary, path, ec);
    if (ec)
        return Error(ErrorCode::Io, "cannot rename to " + path.string() + ": " + ec.message());
    return {};
}

} // namespace bathy
