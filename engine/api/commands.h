// What a caller can ask of the engine. A command returns at once; what came of it is an event with the same request id.
#pragma once

#include "engine/api/options.h"
#include "engine/base/ids.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace bathy::api {

enum class RequestId : std::uint64_t {}; // chosen by the caller, 0 is for events nobody asked for

struct LoadModel { // → Progress…, ModelLoaded | Failed. Replaces the model that is loaded; its sessions are closed.
    RequestId request{};
    ModelOptions options;
};
struct UnloadModel { // → ModelUnloaded
    RequestId request{};
};
struct OpenSession { // → SessionOpened | Failed. The caller chooses the id, unique for the life of the engine.
    RequestId request{};
    SessionId session{};
    SessionOptions options;
};
struct CloseSession { // → SessionClosed
    RequestId request{};
    SessionId session{};
};

// A prompt is always the whole conversation: the session reuses the longest prefix it already holds.
struct ChatPrompt {
    std::vector<ChatMessage> messages;
    ChatOptions options;
};
struct TextPrompt { // raw continuation; special tokens in the text are parsed only when allowed
    std::string text;
    bool parseSpecial = false;
};
struct TokenPrompt {
    std::vector<TokenId> tokens;
};
using Prompt = std::variant<ChatPrompt, TextPrompt, TokenPrompt>;

struct EncodePrompt { // → PromptEncoded | Failed. Counts before anything runs; needs no session.
    RequestId request{};
    Prompt prompt;
};
struct Generate { // → GenerationStarted, Progress…, records, TextDelta…, GenerationFinished | Failed
    RequestId request{};
    SessionId session{};
    GenerationId generation{}; // chosen by the caller, unique for the life of the engine
    Prompt prompt;
    SamplingOptions sampling;
    // Experts that no token of the prompt or the answer is sent to, in any order; engine/model/model.h says what takes
    // their place. What the session holds is reused only where it was computed under the same bans.
    std::vector<ExpertRef> bannedExperts;
    int speculate = kSpeculateAuto;
};
struct Cancel { // Stops load, prefill or decode that runs under this request id → its own Finished/Failed says
                // cancelled.
    RequestId request{};
    RequestId target{};
};
struct SetRecording { // → nothing. What is recorded from the next step on. Tokens and KV are always recorded.
    RequestId request{};
    bool routing = true;
    bool spans = true;
};

enum class ProbeKind : std::uint8_t {
    IndexerPicks,  // compressed entries that the sparse layer chose for a position, with scores
    AttentionMass, // share of attention on window tokens, compressed entries and the sink, averaged over heads
    Logits,        // the whole distribution at a position (top `limit`)
    Evidence,      // AttentionMass of every layer at once; `layer` means nothing
};
struct Probe { // → ProbeAnswer | Failed. Of several with the same tag only the newest is answered.
    RequestId request{};
    std::uint32_t tag = 0;
    SessionId session{};
    ProbeKind kind{};
    Position position{};
    LayerId layer{};
    int limit = 512; // entries returned at most, of each layer
};

// Snapshots are kept in folders of their own; engine/snapshot/store.h.
struct SaveSnapshot { // → Progress…, SnapshotSaved | Failed. Not while the session answers.
    RequestId request{};
    SessionId session{};
    std::string folder;
    std::string name; // for people; may be empty
};
struct RestoreSession { // → Progress…, SessionRestored | Failed. The caller chooses the id, as for OpenSession.
    RequestId request{};
    SessionId session{};
    SessionOptions options; // precision and row format come with the snapshot, and so do bans
    std::string file;
};
// Whether a snapshot still says of its last token, bit for bit, what it said when it was saved.
struct VerifySnapshot { // → Progress…, SnapshotVerified | Failed
    RequestId request{};
    std::string file;
};
struct ListSnapshots { // → SnapshotList | Failed. A folder that is not there has none.
    RequestId request{};
    std::string folder;
};
// Deletes in this order until what is left takes `keepBytes` at most; 0: all of them. Ids that are not there are passed
// over.
struct DeleteSnapshots { // → SnapshotsDeleted | Failed
    RequestId request{};
    std::string folder;
    std::vector<std::string> ids;
    std::uint64_t keepBytes = 0;
};

struct PlanMemory { // → MemoryPlan | Failed
    RequestId request{};
    SessionOptions options;
    std::vector<std::int64_t> contexts; // token counts to plan for
    ModelOptions model;                 // its headers are read; path empty: the model that is loaded
};
struct ListDevices { // → DeviceList
    RequestId request{};
};
struct Shutdown { // → the event stream ends
    RequestId request{};
};

using Command = std::variant<LoadModel, UnloadModel, OpenSession, CloseSession, EncodePrompt, Generate, Cancel,
                             SetRecording, Probe, PlanMemory, ListDevices, Shutdown, SaveSnapshot, RestoreSession,
                             VerifySnapshot, ListSnapshots, DeleteSnapshots>;

} // namespace bathy::api
