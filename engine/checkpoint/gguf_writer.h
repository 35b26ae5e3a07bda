// Writes one GGUF file of version 3: metadata and directory at once, then the data of each tensor in order, padded to
// the alignment. Single owner, any thread.
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/gguf_metadata.h"
#include "engine/checkpoint/output_file.h"
#include "engine/checkpoint/safetensors_writer.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::checkpoint {

// Metadata on its way into a file. Keys must not repeat.
class GgufPairs {
public:
    void u32(std::string_view key, std::uint32_t value);
    void f32(std::string_view key, float value);
    void boolean(std::string_view key, bool value);
    void string(std::string_view key, std::string_view value);
    void strings(std::string_view key, std::span<const std::string> values);
    void i32s(std::string_view key, std::span<const std::int32_t> values);
    void f32s(std::string_view key, std::span<const float> values);
    // A pair as it stands in another file.
    void raw(std::string_view key, const GgufValue& value);

    std::uint64_t count() const { return m_count; }
    const std::string& bytes() const { return m_bytes; }

private:
    void begin(std::string_view key, GgufValueType type);
    void beginArray(std::string_view key, GgufValueType element, std::size_t count);
    void text(std::string_view value);

    std::string m_bytes;
    std::uint64_t m_count = 0;
};

class GgufWriter {
public:
    // Creates or replaces the file. Shapes are row-major, of 1 to 4 dimensions, none of them 0; names have at most 63
    // bytes. Errors: BadArgument for what the format cannot hold, Io.
    static Result<GgufWriter> create(const std::filesystem::path& path, const GgufPairs& pairs,
                                     std::span<const TensorPlan> tensors);

    // The next bytes of the data, in the order of the plan. Errors: Io, Internal when more than planned.
    Result<void> append(std::span<const std::byte> bytes);
    // Closes the file. Errors: Io, Internal when bytes are missing.
    Result<void> finish();

private:
    GgufWriter() = default;
    Result<void> put(std::span<const std::byte> bytes);

    std::filesystem::path m_path;
    OutputFile m_file;
    std::vector<std::uint64_t> m_sizes; // of each tensor
    std::size_t m_tensor = 0;           // the one being written
    std::uint64_t m_written = 0;        // of it
};

} // namespace bathy::checkpoint
