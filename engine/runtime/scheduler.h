// Decides what the engine does next. Pure: the state of all generations in, one plan out; no clock, no memory of its
// own.
#pragma once

#include "engine/base/ids.h"

#include <cstdint>
#include <span>

namespace bathy::runtime {

enum class WorkPhase : std::uint8_t { Prefill, Decode };

// What the scheduler needs to know of one running generation.
struct Work {
    GenerationId generation{};
    WorkPhase phase{};
    std::int64_t position = 0;    // Prefill: tokens of the prompt already in memory
    std::int64_t prefillEnd = 0;  // Prefill: where a step must end at the latest (a checkpoint or the prompt's end)
    int prefillChunk = 0;         // tokens a prefill step may take
    std::uint64_t lastServed = 0; // number of the step that served it last; 0: never
    bool stopping = false;        // to be finished, not worked on
};

enum class StepKind : std::uint8_t { Idle, Finish, Prefill, Decode };

struct Plan {
    StepKind kind = StepKind::Idle;
    GenerationId generation{};
    std::int64_t tokens = 0; // Prefill: tokens to take in

    bool operator==(const Plan&) const = default;
};

// Tokens of a prefill step while others are decoding: small enough that their text keeps flowing.
inline constexpr int kPrefillChunkBesideDecode = 64;

// Stopping generations are finished first. Otherwise the one that waited longest is served, decode before prefill among
// equals; nobody starves.
Plan schedule(std::span<const Work> work);

} // namespace bathy::runtime
