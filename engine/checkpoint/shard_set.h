// Which files make up a checkpoint: from a folder, one file, or any shard of a set. Looks at names and the index only.
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/shard_index.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bathy::checkpoint {

struct ShardSet {
    std::filesystem::path folder;
    std::vector<std::filesystem::path> files; // in shard order
    std::optional<ShardIndex> index;          // index.files correspond to `files`
    std::string indexName;                    // file name of the index, for messages
};

// Errors: NotFound (the path, or a shard: named), BadFile (a broken index, a shard outside the folder), Unsupported
// (GGUF and other files that are no safetensors).
Result<ShardSet> findShards(const std::filesystem::path& path);

} // namespace bathy::checkpoint
