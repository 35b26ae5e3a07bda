// Writes a float32 matrix row by row as a .npy file (version 1.0), without knowing the number of rows beforehand. Main
// thread.
#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>

namespace bathy::cli {

class NpyWriter {
public:
    // Replaces the file. Errors: Io.
    static Result<NpyWriter> create(const std::filesystem::path& path, std::int64_t columns);

    // Whole rows. Errors: Io.
    Result<void> append(std::span<const float> rows);
    // Writes the final shape; must be the last call. Errors: Io.
    Result<void> finish();

    std::int64_t rows() const { return m_rows; }

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    Result<void> writeHeader();
    Error failed() const;

    std::filesystem::path m_path;
    std::unique_ptr<std::FILE, Close> m_file;
    std::int64_t m_columns = 0;
    std::int64_t m_rows = 0;
};

} // namespace bathy::cli
