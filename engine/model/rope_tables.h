// Frequencies of a rotary table as a config asks for them.
#pragma once

#include "engine/model/rope_scaling.h"

#include <vector>

namespace bathy::model {

// [ropeDim / 2], of pair i.
std::vector<float> ropeFrequencies(const RopeConfig& config, int ropeDim);

} // namespace bathy::model
