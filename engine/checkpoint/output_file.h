// A file that is being written. Single owner, any thread.
#pragma once

#include "engine/base/result.h"

#include <cstdio>
#include <filesystem>
#include <memory>

namespace bathy::checkpoint {

struct FileCloser {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using OutputFile = std::unique_ptr<std::FILE, FileCloser>;

// Creates or replaces the file. Errors: Io.
Result<OutputFile> createFile(const std::filesystem::path& path);

// The error of a failed write; `code` is errno.
Error writeError(const std::filesystem::path& path, int code);

} // namespace bathy::checkpoint
