// Bytes from outside as an index file. No file name that is accepted may leave its folder.
#include "engine/checkpoint/shard_index.h"

#include <cstdlib>
#include <filesystem>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto index = bathy::checkpoint::parseShardIndex(text, "fuzz.index.json");
    if (!index)
        return 0;
    for (const auto& file : index->files) {
        const std::filesystem::path path(file);
        if (path.is_absolute() || path.has_parent_path() || path.filename() != path ||
            path.extension() != ".safetensors")
            std::abort();
    }
    for (const auto& [name, shard] : index->weightMap)
        if (shard >= index->files.size())
            std::abort();
    return 0;
}
