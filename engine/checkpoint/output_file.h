// A file that is being written. Single owner, any thread.
#pragma once

#include "engine/base/result.h"

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace bathy::checkpoint {

struct FileCloser {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using OutputFile = std::unique_ptr<std::FILE, FileCloser>;

// Creates or replaces the file. Errors: Io.
Result<OutputFile> createFile(const std::filesystem::path& path);

// `path` names the file in errors. Errors: Io.
Result<void> writeAll(std::FILE& file, std::span<const std::byte> bytes, const std::filesystem::path& path);

// A whole small file, created or replaced. Errors: Io.
Result<void> writeTextFile(const std::filesystem::path& path, std::string_view text);

// The error of a failed write; `code` is errno.
Error writeError(const std::filesystem::path& path, int code);

} // namespace bathy::checkpoint
