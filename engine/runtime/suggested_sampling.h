// How a checkpoint wants its answers sampled where nobody chose otherwise. Engine thread.
#pragma once

#include "engine/api/options.h"
#include "engine/checkpoint/checkpoint.h"

#include <string>
#include <vector>

namespace bathy::runtime {

// The general defaults with what generation_config.json says over them: temperature, top_k, top_p, min_p,
// repetition_penalty; temperature 0 where do_sample is false. A value of a wrong type or out of range is not used, and
// a sentence about it is added to `warnings`. Defaults for GGUF files, whose neighbours may belong to other models.
api::SamplingOptions suggestedSampling(const checkpoint::Checkpoint& checkpoint, std::vector<std::string>& warnings);

} // namespace bathy::runtime
