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

Error writeError(const std::filesystem::path& path, int code) {
    return Error(ErrorCode::Io, "cannot write " + path.string() + ": " + std::strerror(code),
                 "check free space and permissions");
}

} // namespace bathy::checkpoint
