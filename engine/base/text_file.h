// Whole small files as text, with a limit so that a hostile folder cannot make us read without end. Any thread.
#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace bathy {

// Errors: NotFound, Io, BadFile when the file is larger than `limitBytes`.
Result<std::string> readTextFile(const std::filesystem::path& path, std::uint64_t limitBytes);

// Writes to a neighbour file and renames it, so that a crash leaves either the old or the new content. Errors: Io.
Result<void> writeFileAtomically(const std::filesystem::path& path, std::string_view content);

} // namespace bathy
