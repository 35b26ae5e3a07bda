// What every part of one chunk's forward pass shares. Lives for one chunk, engine thread.
#pragma once

#include "engine/model/deepseek_v4/config.h"
#include "engine/model/deepseek_v4/state.h"
#include "engine/model/deepseek_v4/weights.h"
#include "engine/model/model.h"
#include "engine/ops/context.h"

#include <cstdint>
#include <span>
#include <vector>

namespace bathy::model::deepseek_v4 {

// Tokens of one chunk at most: forward() cuts longer inputs, which changes no bit of the result.
inline constexpr std::int64_t kChunkTokens = 512;
// Tokens whose queries are in memory at once: one token's queries can be 64 times its hidden state.
inline constexpr std::int64_t kQueryTokens = 32;

// Frequencies of the two rotary tables (spec 2.3).
struct RopeTables {
    std::vector<float> main;     // layers without compression
    std::vector<float> compress; // every tensor of CSA and HCA layers
};
RopeTables makeRopeTables(const Config& config);

struct Step {
    ops::Context& ops;
    const Config& config;
    const RowFormats& formats;
    const RopeTables& rope;
    kv::SequenceCache& cache;
    std::int64_t first = 0;                // position of the chunk's first token
    std::int64_t tokens = 0;               // T
    std::span<const std::int32_t> ids;     // [T]
    std::span<const float> mainAngles;     // [T, ropeDim], as ops::ropeAngles makes them
    std::span<const float> compressAngles; // [T, ropeDim]
    const ForwardOptions& options;

    std::int64_t end() const { return first + tokens; }
    // The ops return early when asked to stop, leaving their outputs unfinished: nothing may be read from them before
    // this was looked at. The caller throws the chunk away.
    bool stopped() const { return options.stop.stop_requested(); }
    const float* angles(const LayerConfig& layer, std::int64_t token) const {
        return (layer.compressed() ? compressAngles : mainAngles).data() + token * config.ropeDim;
    }
    float eps() const { return static_cast<float>(config.rmsEps); }
};

} // namespace bathy::model::deepseek_v4
