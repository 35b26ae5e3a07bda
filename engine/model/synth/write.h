// Makes checkpoints of real shapes and dtypes with counter-based weights: for tests, for speed on real sizes, and, as
// headers over sparse files, for planning with models that no disk here could hold.
#pragma once

#include "engine/base/result.h"
#include "engine/base/thread_pool.h"
#include "engine/model/synth/preset.h"
#include "engine/model/synth/rule_weights.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>

namespace bathy::model::synth {

struct WriteOptions {
    std::uint64_t seed = 0; // Published weights only; the rule has its salt
    WeightRule rule;        // Rule weights only
    bool headersOnly = false;
    ThreadPool* pool = nullptr;                                            // required
    std::function<void(std::uint64_t done, std::uint64_t total)> progress; // bytes; may be empty
    std::stop_token stop;
};

struct Written {
    std::uint64_t tensors = 0;
    std::uint64_t bytes = 0; // of tensor data
    std::uint64_t files = 0;
};

// Writes config.json and the weights into `folder`, which must be missing or empty: published dtypes in one file per
// block with an index, rule weights in one model.safetensors. What was written is removed again on failure.
// Errors: BadArgument (the folder is not empty), Io (no room, said before anything is written), Cancelled.
Result<Written> writeCheckpoint(const Preset& preset, const std::filesystem::path& folder, const WriteOptions& options);

} // namespace bathy::model::synth
