// What the values of a stored tensor look like: for finding a broken download or a bad conversion. Caller's thread.
#pragma once

#include "engine/base/result.h"
#include "engine/base/thread_pool.h"
#include "engine/checkpoint/checkpoint.h"

#include <cstdint>
#include <optional>
#include <stop_token>

namespace bathy::model {

struct TensorStats {
    std::uint64_t count = 0; // finite values; min to deviation are of these
    std::uint64_t nanCount = 0;
    std::uint64_t infiniteCount = 0;
    double min = 0;
    double max = 0;
    double mean = 0;
    double deviation = 0;
};

// Decoded values: an FP8 or packed FP4 matrix is read with its scale tensor (".weight" -> ".scale", the usual blocks),
// an E8M0 tensor as powers of two. Nothing for element types that are not numbers of this family, and for a quantised
// matrix without its scale. Errors: Cancelled, BadFile (a scale of another size).
Result<std::optional<TensorStats>> tensorStats(const checkpoint::Checkpoint& checkpoint,
                                               const checkpoint::TensorView& tensor, ThreadPool& pool,
                                               const std::stop_token& stop);

} // namespace bathy::model
