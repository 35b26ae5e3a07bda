// What a model would take of this machine's memory, before it is loaded: every byte from the arithmetic of the engine's
// own parts. Pure functions of the headers; nothing is measured here.
#pragma once

#include "engine/base/precision.h"
#include "engine/base/result.h"
#include "engine/model/opened_model.h"
#include "engine/telemetry/kv_parts.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace bathy::model {

struct PlanOptions {
    std::int64_t context = 4096; // tokens
    Precision precision = Precision::Fast;
    KvFormat kvFormat = KvFormat::Auto;
    int chunk = 512; // tokens that a step of the prompt takes
    int threads = 1; // that compute
};

// Weights by what they do.
enum class WeightKind : std::uint8_t {
    Embedding,
    Attention,
    DenseFeedForward,
    SharedExperts,
    RoutedExperts,
    Indexer,
    Output, // the matrix that makes the logits
    Other,  // norms, routers, compressors, hyper-connections
    Draft,  // the block that guesses tokens
};
inline constexpr std::size_t kWeightKindCount = 9;
std::string_view weightKindName(WeightKind kind); // "routed experts"

// Bytes of mapped files. All of them are in memory once every row and expert was visited, which a prompt of some
// thousand tokens does; one token needs the least.
struct WeightBytes {
    std::uint64_t all = 0;
    std::uint64_t least = 0;
};

struct MemoryPlan {
    std::int64_t context = 0;
    KvFormat kvFormat{};                                 // what Auto became
    std::array<WeightBytes, kWeightKindCount> weights{}; // by WeightKind
    std::uint64_t unreadBytes = 0;                       // of the files, which this build never reads
    telemetry::KvBytes kv;
    std::uint64_t scratchBytes = 0; // work space of the largest step
    std::uint64_t logitsBytes = 0;  // of one position, and the sampler's copy
    std::uint64_t programBytes = 0; // the program itself and small tensors in float32

    WeightBytes weightBytes() const;
    // What cannot be read again from a file and has to stay.
    std::uint64_t heldBytes() const { return kv.total() + scratchBytes + logitsBytes + programBytes; }
    std::uint64_t allBytes() const { return weightBytes().all + heldBytes(); }
    std::uint64_t leastBytes() const { return weightBytes().least + heldBytes(); }
};

// Plans of one model for any number of contexts. `opened` outlives it.
class MemoryPlanner {
public:
    explicit MemoryPlanner(const OpenedModel& opened);

    const ModelCard& card() const { return m_card; }
    // Errors: BadArgument (a context outside the model's), Unsupported (a form of rows that the model does not have).
    Result<MemoryPlan> plan(const PlanOptions& options) const;

private:
    const OpenedModel& m_opened;
    ModelCard m_card;
    MemoryPlan m_weights; // what does not depend on the options
};

} // namespace bathy::model
