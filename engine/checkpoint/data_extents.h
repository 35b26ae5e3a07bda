// Where a sparse file has data. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace bathy::checkpoint {

struct Extent {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

// Ascending, without overlap. The whole file where the system cannot tell holes from data.
std::vector<Extent> dataExtents(const std::filesystem::path& file);

} // namespace bathy::checkpoint
