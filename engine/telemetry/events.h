// What the engine says while it works, as plain trivially copyable records. Written by the engine thread without
// allocating; read anywhere. Recording never changes a logit. Times are nanoseconds of the engine's monotonic clock.
#pragma once

#include "engine/base/ids.h"
#include "engine/telemetry/kv_parts.h"

#include <array>
#include <cstdint>
#include <type_traits>
#include <variant>

namespace bathy::telemetry {

inline constexpr int kMaxAlternatives = 10;
inline constexpr int kMaxExpertsPerToken = 16; // checkpoints with more chosen experts a token are refused at load

struct Alternative {
    TokenId token{};
    float probability = 0; // of the distribution it was taken from
};

enum class TokenPhase : std::uint8_t { Prompt, Generated };

// What became of a guess of a token, where one was made before the model itself was asked.
enum class GuessOutcome : std::uint8_t { None, Right, Wrong };

// One token entered the sequence. For Prompt tokens only generation, position, token and phase are set.
// Delivered reliably (never dropped).
struct TokenEvent {
    GenerationId generation{};
    Position position{};
    TokenId token{};
    TokenPhase phase = TokenPhase::Generated;
    std::uint8_t beforeCount = 0; // valid entries in `before`
    std::uint8_t afterCount = 0;  // valid entries in `after`
    std::uint32_t rank = 0;       // in the raw distribution, 0 = most likely
    float probability = 0;        // in the raw distribution (softmax of the logits, temperature 1)
    float sampledProbability = 0; // in the distribution it was drawn from, after all stages
    float entropy = 0;            // of the raw distribution, nats
    std::int64_t timeNs = 0;
    GuessOutcome guess = GuessOutcome::None;
    TokenId guessed{};       // where a guess was made
    std::int64_t gainNs = 0; // this token's share of what its step won (above 0) or lost against steps without guesses
    std::array<Alternative, kMaxAlternatives> before{}; // most likely first, raw distribution
    std::array<Alternative, kMaxAlternatives> after{};  // most likely first, after the sampler's stages
};

// Which experts one token was sent to in one layer. May be dropped under pressure; drops are counted.
struct RoutingEvent {
    GenerationId generation{};
    Position position{};
    TokenId token{};
    LayerId layer{};
    std::uint8_t count = 0; // chosen experts; fewer than usual, even none, where experts are banned
    std::array<std::uint16_t, kMaxExpertsPerToken>
        expert{};                                    // in the router's order, strongest first for learned routers
    std::array<float, kMaxExpertsPerToken> weight{}; // normalised, times routed_scaling_factor
};

// Names of what spans measure: one per op family of the forward pass plus the phases of a step.
enum class SpanKind : std::uint8_t {
    Step, // one whole engine step (a prefill chunk or a decode token), recorded by the runtime
    Embed,
    HyperConnection, // mHC pre, post and head
    Attention,       // one layer's attention, all of it
    QueryPath,
    WindowKv,
    Compressor,
    Indexer,
    AttentionCore,
    OutputProjection,
    Router,
    Experts, // routed and shared
    Head,    // final norm and logits
    Sampler,
    Draft, // guessing tokens ahead, all of it
};

// Time spent. The parts of one step lie end to end: what happens between two of them counts to the later one. May be
// dropped under pressure; drops are counted.
struct SpanEvent {
    SpanKind kind{};
    LayerId layer{-1}; // -1: not of one layer
    std::uint32_t tokens = 0;
    std::int64_t beginNs = 0;
    std::int64_t durationNs = 0;
};

// Exact bytes a session's memory holds, by part; sent after each step that changed it.
struct KvEvent {
    SessionId session{};
    std::int64_t tokens = 0;         // positions stored
    KvBytes bytes;                   // in use
    std::uint64_t reservedBytes = 0; // allocated for all of the parts, used or not
};

// Whole-process memory, a few times a second while something runs.
struct MemoryEvent {
    std::uint64_t weightsMappedBytes = 0; // bytes of the checkpoint's tensors
    std::uint64_t scratchBytes = 0;       // activations and work space
    std::uint64_t residentBytes = 0;      // of the process, as the operating system counts
};

// Events that did not fit since the last report, and how full the queues are.
struct DropEvent {
    std::uint64_t droppedRouting = 0; // since the engine started
    std::uint64_t droppedSpans = 0;   // since the engine started
    std::uint32_t ringUsed = 0;       // bytes
    std::uint32_t ringCapacity = 0;   // bytes
};

using Record = std::variant<TokenEvent, RoutingEvent, SpanEvent, KvEvent, MemoryEvent, DropEvent>;
static_assert(std::is_trivially_copyable_v<Record>);

} // namespace bathy::telemetry
