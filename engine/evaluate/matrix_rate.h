// How fast this engine multiplies matrices here: its own matrix product, the one prompts go through, on operands that
// stay in the caches. The ceiling of this build on this machine, not of the processor.
#pragma once

#include "engine/base/dtype.h"
#include "engine/base/thread_pool.h"

#include <cstdint>
#include <stop_token>

namespace bathy::evaluate {

// W [rows, cols] times `tokens` rows of float32.
inline constexpr std::int64_t kRateRows = 512;
inline constexpr std::int64_t kRateCols = 1024;
inline constexpr std::int64_t kRateTokens = 64;

// Floating-point operations per second (a multiply and an add are two) with all threads of the pool, the best of five
// measurements of 50 ms. `dtype` is the form of the weights: F32 or BF16. 0 when it was stopped first.
double measureMatrixRate(ThreadPool& pool, DType dtype, const std::stop_token& stop);

} // namespace bathy::evaluate
