// Reads a little-endian float32 .npy matrix, as numpy.save writes it. For tests; stops the test on anything else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace bathy::test {

struct Matrix {
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    std::vector<float> values;

    const float* row(std::int64_t index) const { return values.data() + index * cols; }
};

// Throws std::runtime_error with the reason.
Matrix readNpy(const std::filesystem::path& path);

} // namespace bathy::test
