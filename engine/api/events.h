// What the engine answers and reports. Everything a listener needs to follow a run, live, from a capture or from far.
#pragma once

#include "engine/api/commands.h"
#include "engine/api/model_card.h"
#include "engine/base/error.h"
#include "engine/telemetry/events.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace bathy::api {

enum class Stage : std::uint8_t { Load, Prefill, Snapshot };

struct Progress {
    RequestId request{};
    Stage stage{};
    std::uint64_t done = 0;  // bytes (Load, Snapshot) or tokens (Prefill)
    std::uint64_t total = 0; // 0: unknown
    double perSecond = 0;
    double secondsLeft = 0;
};
struct ModelLoaded {
    RequestId request{};
    ModelCard card;
    double seconds = 0;
};
struct ModelUnloaded {
    RequestId request{};
};
struct SessionOpened {
    RequestId request{};
    SessionId session{};
    KvFormat kvFormat{}; // what Auto became
    std::int64_t contextLimit = 0;
};
struct SessionClosed {
    RequestId request{};
    SessionId session{};
};

// Where a message of the conversation lies in the token sequence: [begin, end).
struct MessageSpan {
    std::int64_t begin = 0;
    std::int64_t end = 0;
};
struct PromptEncoded {
    RequestId request{};
    std::vector<TokenId> tokens;
    std::vector<MessageSpan> messages; // one per message of a ChatPrompt that is part of the result; else empty
    std::vector<std::string> texts;    // bytes of each token, may be broken UTF-8
};
struct GenerationStarted {
    RequestId request{};
    GenerationId generation{};
    SessionId session{};
    std::int64_t promptTokens = 0;
    std::int64_t reusedTokens = 0; // of them, already in the session's memory
    std::uint64_t seed = 0;        // the one in use
    std::vector<MessageSpan> messages;
    std::vector<ExpertRef> bannedExperts; // those in force: ascending, none twice
};

// Whole characters only; `reasoning` tells which of the two texts of an answer they belong to.
struct TextDelta {
    GenerationId generation{};
    Position position{}; // of the token that completed the text
    bool reasoning = false;
    std::string text;
};

enum class FinishReason : std::uint8_t { EndToken, StopString, MaxTokens, ContextFull, Cancelled };

// What guessing tokens ahead came to.
struct Speculation {
    std::int64_t guessed = 0; // tokens
    std::int64_t right = 0;   // of them
    double gainedSeconds = 0; // below 0: lost
};

struct GenerationFinished {
    RequestId request{};
    GenerationId generation{};
    FinishReason reason{};
    std::int64_t promptTokens = 0;
    std::int64_t reusedTokens = 0;
    std::int64_t generatedTokens = 0;
    double prefillSeconds = 0;
    double decodeSeconds = 0;
    double firstTokenSeconds = 0; // from the command to the first token
    Speculation speculation;
    std::vector<TokenId> tokens; // all that were generated, the end token included
    std::string text;            // answer without reasoning
    std::string reasoning;
};

// Bytes of each generated or prompt token as text, sent with the first TokenEvent that needs it; lets a listener
// without a tokenizer show tokens. May be broken UTF-8.
struct TokenTexts {
    std::vector<TokenId> tokens;
    std::vector<std::string> texts;
};

struct PickedEntry {
    std::int64_t entry = 0;      // index of the compressed entry
    std::int64_t firstToken = 0; // tokens it stands for: [firstToken, endToken)
    std::int64_t endToken = 0;
    float value = 0; // score (IndexerPicks) or share of attention (AttentionMass)
};
// What the position asked for attended to in one layer, mean over heads.
struct LayerMass {
    LayerId layer{};
    std::vector<PickedEntry> entries; // compressed entries, or single tokens that an indexer chose; most attended first
    std::vector<float> window;        // share per window token, or per token where nothing is compressed; oldest first,
                                      // the last one is the position itself
    float sink = 0;                   // share that went to no token
};
struct ProbeAnswer {
    RequestId request{};
    std::uint32_t tag = 0;
    ProbeKind kind{};
    Position position{};
    LayerId layer{};
    std::vector<PickedEntry> entries;           // IndexerPicks, AttentionMass (compressed part)
    std::vector<float> window;                  // AttentionMass: share per window token, oldest first
    float sink = 0;                             // AttentionMass: share that went to no token
    std::vector<telemetry::Alternative> logits; // Logits: most likely first; `probability` holds the raw logit
    std::vector<LayerMass> layers;              // Evidence
};

struct PlannedMemory {
    std::int64_t context = 0;
    telemetry::KvBytes kv;
    std::uint64_t v32Bytes = 0; // the same context under DeepSeek V3.2, FP8
    std::uint64_t gqaBytes = 0; // under plain GQA with 8 heads of 128, bf16, as many layers
    std::uint64_t scratchBytes = 0;
};
// Mapped weights of one kind: all of them, and what one token needs.
struct PlannedWeights {
    std::string kind; // "routed experts"
    std::uint64_t bytes = 0;
    std::uint64_t leastBytes = 0;
};
// What a model takes of the memory, predicted; engine/model/memory_plan.h says how.
struct MemoryPlan {
    RequestId request{};
    std::uint64_t weightBytes = 0;
    std::uint64_t scratchBytes = 0; // of the longest context
    std::uint64_t memoryAvailableBytes = 0;
    std::vector<PlannedMemory> plans; // one for each context asked for
    std::string path;                 // as it was asked for
    std::string name;                 // of the checkpoint
    KvFormat kvFormat{};              // what Auto became
    std::int64_t contextLength = 0;   // of the model
    std::vector<PlannedWeights> weights;
    std::uint64_t logitsBytes = 0;
    std::uint64_t programBytes = 0;
    std::uint64_t memoryTotalBytes = 0;
    std::uint64_t reserveBytes = 0;
};

struct DeviceCard {
    std::string id;      // "cpu", "vulkan:0"
    std::string backend; // "cpu", "vulkan", "cuda"
    std::string name;
    bool usable = false;
    std::string reason; // why not, in words; empty when usable
    std::uint64_t memoryBytes = 0;
    std::vector<std::string> features;
    std::string driver;
};
struct DeviceList {
    RequestId request{};
    std::vector<DeviceCard> devices;
};

struct SnapshotSaved {
    RequestId request{};
    SessionId session{};
    std::string id;   // 16 hexadecimal digits
    std::string file; // what RestoreSession takes
    std::int64_t tokens = 0;
    std::uint64_t bytes = 0;    // of the file and its blocks
    std::uint64_t newBytes = 0; // of them, that were not there before
    double seconds = 0;
};
struct SessionRestored {
    RequestId request{};
    SessionId session{};
    Precision precision{};
    KvFormat kvFormat{};
    std::int64_t contextLimit = 0;
    std::int64_t tokens = 0;   // held
    std::vector<TokenId> held; // all of them, from the first on; their texts were told before
    std::uint64_t bytes = 0;   // read
    double seconds = 0;
};
struct SnapshotVerified {
    RequestId request{};
    std::int64_t tokens = 0;
    bool same = false;            // bit for bit
    double largestDifference = 0; // of a logit; 0 where they are the same
    double seconds = 0;
};
struct SnapshotEntry {
    std::string id;   // 16 hexadecimal digits
    std::string file; // what RestoreSession takes
    std::string name;
    std::string model;       // name of the checkpoint
    std::string fingerprint; // of the checkpoint
    std::int64_t tokens = 0;
    std::uint64_t bytes = 0;    // of the file and its blocks, which others may share
    std::int64_t createdAt = 0; // seconds since 1970, UTC
    std::string problem;        // why it cannot be opened; empty: it can
};
struct SnapshotList {
    RequestId request{};
    std::vector<SnapshotEntry> snapshots; // newest first
    std::uint64_t bytes = 0;              // of all files and the blocks that they need, each once
};
struct SnapshotsDeleted {
    RequestId request{};
    std::vector<std::string> ids;
    std::uint64_t bytes = 0; // what is left takes, as in SnapshotList
};

struct Failed {
    RequestId request{};
    Error error{ErrorCode::Internal, ""};
};

// A batch of telemetry records, in the order they were written.
struct Records {
    std::vector<telemetry::Record> records;
};

using Event =
    std::variant<Progress, ModelLoaded, ModelUnloaded, SessionOpened, SessionClosed, PromptEncoded, GenerationStarted,
                 TextDelta, GenerationFinished, TokenTexts, ProbeAnswer, MemoryPlan, DeviceList, Failed, Records,
                 SnapshotSaved, SessionRestored, SnapshotVerified, SnapshotList, SnapshotsDeleted>;

} // namespace bathy::api
