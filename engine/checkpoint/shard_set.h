// Which files make up a checkpoint: from a folder, one file, or any shard of a set. Looks at names and the index only.
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/shard_index.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bathy::checkpoint {

enum class FileFormat : std::uint8_t { Safetensors, Gguf };

struct ShardSet {
    FileFormat format = FileFormat::Safetensors;
    std::filesystem::path folder;
    std::vector<std::filesystem::path> files; // in shard order
    std::optional<ShardIndex> index;          // index.files correspond to `files`
    std::string indexName;                    // file name of the index, for messages
};

// A folder that holds both formats is read as safetensors. Errors: NotFound (the path, or a shard: named), BadFile (a
// broken index, a shard outside the folder), Unsupported (files that are neither safetensors nor GGUF).
Result<ShardSet> findShards(const std::filesystem::path& path);

} // namespace bathy::checkpoint
