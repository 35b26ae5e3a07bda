// Values of the quantisation scales: a NaN, an infinity, a zero or a negative scale spoils every weight it covers.
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/model/tensor_spec.h"

#include <cstdint>
#include <functional>
#include <stop_token>

namespace bathy::model {

enum class ScaleScope : std::uint8_t {
    Fp8Blocks, // of FP8 weights: a few hundred KB in the largest model, cheap enough for every load
    All,       // of FP4 weights too: gigabytes
};

// Reads every tensor whose name ends in ".scale" or "_scale_inv" (E8M0 or F32) and adds one problem for each that has a
// bad value. Holes of sparse files are not read where they are zeros that E8M0 defines as 2^-127, or where the
// weights are a hole too. `progress` may be empty.
// Errors: Cancelled, seen within 100 ms of reading.
Result<void> checkScales(const checkpoint::Checkpoint& checkpoint, ScaleScope scope,
                         const std::function<void(std::uint64_t done, std::uint64_t total)>& progress,
                         const std::stop_token& stop, SpecReport& report);

} // namespace bathy::model
