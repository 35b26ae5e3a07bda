// How fast files are read from the disk itself, past the memory in which the system keeps what was read before. Any
// thread.
#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <stop_token>

namespace bathy::device {

struct DiskRate {
    double bytesPerSecond = 0;
    std::uint64_t bytes = 0; // that were read
    int readers = 0;         // reads under way at once
    std::uint64_t blockBytes = 0;
};

// Reads the files from their beginnings, at most `limitBytes` and about two seconds in all. Errors: Unsupported (this
// system or file system does not read past its memory), NotFound, Io, Cancelled (seen within one block).
Result<DiskRate> measureDiskRate(std::span<const std::filesystem::path> files, std::uint64_t limitBytes,
                                 const std::stop_token& stop);

} // namespace bathy::device
