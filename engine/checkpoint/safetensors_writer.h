// Writes one safetensors file: the header at once, then the data of each tensor in order. Single owner, any thread.
#pragma once

#include "engine/base/dtype.h"
#include "engine/base/result.h"
#include "engine/checkpoint/output_file.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace bathy::checkpoint {

struct TensorPlan {
    std::string name; // UTF-8
    DType dtype{};
    std::vector<std::int64_t> shape; // of stored elements

    std::uint64_t byteCount() const;
};

// The header as it stands in the file: length, JSON, spaces up to a multiple of 8.
std::string safetensorsHeader(std::span<const TensorPlan> tensors);

class SafetensorsWriter {
public:
    // Creates or replaces the file. Errors: Io.
    static Result<SafetensorsWriter> create(const std::filesystem::path& path, std::span<const TensorPlan> tensors);

    // The next bytes of the data, in the order of the plan. Errors: Io, Internal when more than planned.
    Result<void> append(std::span<const std::byte> bytes);
    // Closes the file. Errors: Io, Internal when bytes are missing.
    Result<void> finish();
    // Closes the file and gives it its full length as a hole that takes no room on disk. Errors: Io.
    Result<void> finishSparse();

private:
    SafetensorsWriter() = default;
    Result<void> close();

    std::filesystem::path m_path;
    OutputFile m_file;
    std::uint64_t m_headerBytes = 0;
    std::uint64_t m_dataBytes = 0; // planned
    std::uint64_t m_written = 0;
};

} // namespace bathy::checkpoint
