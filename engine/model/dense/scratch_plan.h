// How much work space a step needs. Pure function of the config.
#pragma once

#include "engine/model/dense/config.h"

#include <cstdint>

namespace bathy::model::dense {

// For chunks of `chunk` tokens that end at a context of `tokens`, on `threads` threads; an upper bound.
std::uint64_t planScratchBytes(const Config& config, int threads, std::int64_t chunk, std::int64_t tokens);

} // namespace bathy::model::dense
