// model.safetensors.index.json: which tensor lies in which shard. Pure function of the text.
#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bathy::checkpoint {

inline constexpr std::size_t kMaxShards = 10'000;

struct ShardIndex {
    std::vector<std::string> files;                               // in order of first mention, each once
    std::vector<std::pair<std::string, std::uint32_t>> weightMap; // tensor name, index into files
    std::optional<std::uint64_t> totalSize;                       // metadata.total_size, advisory
};

// Errors: BadFile, for broken JSON, a file name that is not one plain path component ending in ".safetensors", a tensor
// mapped twice, or more than kMaxShards files.
Result<ShardIndex> parseShardIndex(std::string_view json, std::string_view fileName);

} // namespace bathy::checkpoint
