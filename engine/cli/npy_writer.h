// Writes a matrix of float32 or int32 row by row as a .npy file (version 1.0), without knowing the number of rows
// beforehand. Main thread.
#pragma once

#include "engine/base/result.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>

namespace bathy::cli {

enum class NpyType : std::uint8_t { Float32, Int32 };

class NpyWriter {
public:
    // Replaces the file. Errors: Io.
    static Result<NpyWriter> create(const std::filesystem::path& path, std::int64_t columns,
                                    NpyType type = NpyType::Float32);

    // Whole rows of the file's type. Errors: Io.
    Result<void> append(std::span<const float> rows);
    Result<void> append(std::span<const std::int32_t> rows);
    // Writes the final shape; must be the last call. Errors: Io.
    Result<void> finish();

    std::int64_t rows() const { return m_rows; }

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    Result<void> writeHeader();
    Result<void> appendBytes(std::span<const std::byte> bytes);
    Error failed() const;

    std::filesystem::path m_path;
    std::unique_ptr<std::FILE, Close> m_file;
    NpyType m_type = NpyType::Float32;
    std::int64_t m_columns = 0;
    std::int64_t m_rows = 0;
};

} // namespace bathy::cli
