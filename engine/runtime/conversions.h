// The caller's words as the words of the parts below: the same choices, told apart so that no part depends on the front
// door. Pure functions.
#pragma once

#include "engine/api/events.h"
#include "engine/api/options.h"
#include "engine/base/system_memory.h"
#include "engine/device/registry.h"
#include "engine/model/model.h"
#include "engine/sampler/sampler.h"

namespace bathy::runtime {

model::StateOptions stateOptions(const api::SessionOptions& options);
sampler::SamplerOptions samplerOptions(const api::SamplingOptions& options);
api::DeviceCard deviceCard(const device::DeviceInfo& info);
// Within what a step may take.
int prefillChunk(const api::SessionOptions& options);

} // namespace bathy::runtime
