// Files that must be whole or not there, even when the power goes: written beside, flushed to the disk, then renamed.
// Readable by their owner alone. Any thread, any number of processes.
#pragma once

#include "engine/base/result.h"

#include <cstddef>
#include <filesystem>
#include <span>

namespace bathy {

// Writes the parts one after the other, in place of what was at `path`. Errors: Io; nothing has changed then.
Result<void> writeDurably(const std::filesystem::path& path, std::span<const std::span<const std::byte>> parts);

// Creates the folder and those above it; nobody else may look into those that are new. Errors: Io.
Result<void> createPrivateFolder(const std::filesystem::path& path);

// Files that writeDurably left behind when its process was ended in the middle: their names end in this.
inline constexpr const char* kUnfinishedEnding = ".part";

} // namespace bathy
