// Scales of quantised blocks that are no numbers: a broken download or a bad conversion shows there first.
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/checkpoint.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace bathy::model::gguf {

// One sentence for every tensor of a block type that has a scale which is NaN or infinite (MXFP4: code 255). Reads
// those tensors whole. `progress` may be empty. Errors: Cancelled, seen within 100 ms of reading.
Result<std::vector<std::string>>
checkBlocks(const checkpoint::Checkpoint& checkpoint,
            const std::function<void(std::uint64_t done, std::uint64_t total)>& progress, const std::stop_token& stop);

} // namespace bathy::model::gguf
