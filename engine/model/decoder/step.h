// What every part of one chunk's forward pass shares in the families built of plain pre-norm layers. Lives for one
// chunk, engine thread.
#pragma once

#include "engine/model/decoder/state.h"
#include "engine/model/model.h"
#include "engine/ops/context.h"

#include <cstdint>
#include <span>

namespace bathy::model::decoder {

// Tokens of one chunk at most: forward() cuts longer inputs, which changes no bit of the result.
inline constexpr std::int64_t kChunkTokens = 512;
// Tokens whose queries are in memory at once where a query is many times a hidden state.
inline constexpr std::int64_t kQueryTokens = 32;

struct Step {
    ops::Context& ops;
    const RowFormats& formats;
    kv::PositionCache& cache;
    std::int64_t first = 0;            // position of the chunk's first token
    std::int64_t tokens = 0;           // T
    std::span<const std::int32_t> ids; // [T]
    std::span<const float> angles;     // [T, ropeDim], as ops::ropeAngles makes them
    std::int64_t ropeDim = 0;
    const ForwardOptions& options;

    std::int64_t end() const { return first + tokens; }
    // The ops return early when asked to stop, leaving their outputs unfinished: nothing may be read from them before
    // this was looked at. The caller throws the chunk away.
    bool stopped() const { return options.stop.stop_requested(); }
    const float* anglesAt(std::int64_t token) const { return angles.data() + token * ropeDim; }
};

} // namespace bathy::model::decoder
