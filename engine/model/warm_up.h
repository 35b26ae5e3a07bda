// Reads mapped weights once, so that the first token does not wait for the disk. Engine thread.
#pragma once

#include "engine/base/result.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>

namespace bathy::model {

// Touches every page of `ranges`. `progress` hears bytes done and in all, a few times a second at most and once at the
// end; may be empty. Errors: Cancelled.
Result<void> warmUp(std::span<const std::span<const std::byte>> ranges,
                    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress, std::stop_token stop);

} // namespace bathy::model
