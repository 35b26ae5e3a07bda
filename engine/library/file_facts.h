// What the header of one weight file says, without its tensors and without mapping it. Pure but for the reads.
#pragma once

#include "engine/base/result.h"
#include "engine/library/file_name.h"
#include "engine/library/quiet_file.h"

#include <cstdint>
#include <string>

namespace bathy::library {

struct FileFacts {
    std::string architecture;       // GGUF: general.architecture
    std::int64_t contextLength = 0; // GGUF; 0: not said
    std::string quantisation;       // by what most bytes are stored in, or as the file says: "Q4_K_M"
    std::string headerHash;         // 16 hexadecimal digits: xxh3 of all bytes before the tensors
    std::string problem;            // why the file cannot be what its name says; then nothing above is known
};

// Never fails: what is wrong stands in `problem`. `format` is not None.
FileFacts readFileFacts(const std::filesystem::path& path, WeightFormat format);

// Whether a file without an ending is a GGUF file.
bool looksLikeGguf(const std::filesystem::path& path);

} // namespace bathy::library
