// A loaded model of any family, and the state of one token sequence on it. The engine thread owns both: no two calls on
// a model or on any of its states may overlap. Nothing here throws; every expected failure is an Error.
#pragma once

#include "engine/base/ids.h"
#include "engine/base/precision.h"
#include "engine/base/result.h"
#include "engine/telemetry/events.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

namespace bathy::model {

struct StateOptions {
    Precision precision = Precision::Fast;
    KvFormat kvFormat = KvFormat::Auto;
    std::int64_t contextLimit = 0; // tokens; 0: the model's own
    int rollbackSlack = 8;         // tokens that truncate() can always take back, 0..4096
    int checkpointLimit = 16;      // light checkpoints kept, 0..4096
};

// Everything a model remembers of one token sequence. The tokens themselves are kept by the caller.
class SequenceState {
public:
    virtual ~SequenceState() = default;

    virtual std::int64_t length() const = 0; // tokens taken in; the next one gets this position
    virtual std::int64_t contextLimit() const = 0;
    virtual Precision precision() const = 0;
    virtual KvFormat kvFormat() const = 0; // what Auto became

    // Forgets the tokens from `position` on, or from an earlier one. The last `rollbackSlack` tokens fed can always be
    // taken back exactly (counted from the greatest length since the last return further back); beyond that, kept
    // checkpoints and 0 can be reached. Returns the new length, at most `position`; the caller feeds the tokens between
    // again. Spec 3.4.
    virtual std::int64_t truncate(std::int64_t position) = 0;

    // Keeps a light checkpoint at the present length (rings and unfinished windows; entries are shared), meant for
    // message boundaries. When there are more than checkpointLimit, the one whose loss costs least goes.
    virtual void keepCheckpoint() = 0;

    // A second sequence that starts as a copy of this one at `position` or at the nearest earlier position that
    // truncate() could reach. Costs a copy of the entries; checkpoints are not copied. Errors: OutOfMemory.
    virtual Result<std::unique_ptr<SequenceState>> fork(std::int64_t position) const = 0;

    // The state as bytes, to be kept on disk. Lasting rows are what the tokens of [begin, end) left for good: states of
    // one model, precision and row format whose tokens begin alike have the same ones up to there, whatever follows
    // and however the tokens were fed (unless experts were banned). Recent rows are the rest: what is forgotten on the
    // way. Errors: OutOfMemory.
    virtual std::uint64_t lastingBytes(std::int64_t begin, std::int64_t end) const = 0;
    virtual Result<std::vector<std::byte>> lastingRows(std::int64_t begin,
                                                       std::int64_t end) const = 0; // end <= length()
    virtual Result<std::vector<std::byte>> recentRows() const = 0;
    // And back, into a new state of the same model, precision and row format: lasting rows of [0, length) in pieces,
    // then the recent ones, with which they count. Errors: BadArgument (the state is not empty), ContextFull, BadFile
    // (bytes that cannot be what such a state left), OutOfMemory; the length stays 0 then.
    virtual Result<void> restoreLasting(std::int64_t begin, std::int64_t end, std::span<const std::byte> bytes) = 0;
    virtual Result<void> restoreRecent(std::int64_t length, std::span<const std::byte> bytes) = 0;

    // Whether Model::draft() has something to go out from: the last token was fed with ForwardOptions::keepDrafts.
    virtual bool canGuess() const { return false; }

    // Exact bytes by part. `session` is left for the caller.
    virtual telemetry::KvEvent memory() const = 0;
};

// Hears which experts were chosen. `experts` and `weights` are [tokens, picks], strongest first for learned routers;
// -1 (with weight 0) is a place that a ban left empty. `positions` are firstPosition, firstPosition + 1, ... Called
// once per layer and step, on the engine thread.
class RoutingSink {
public:
    virtual ~RoutingSink() = default;
    virtual void onRouting(LayerId layer, Position firstPosition, int picks, std::span<const std::int32_t> experts,
                           std::span<const float> weights) = 0;
};

// Hears how long the parts of a step took. Engine thread.
class SpanSink {
public:
    virtual ~SpanSink() = default;
    virtual void onSpan(const telemetry::SpanEvent& span) = 0;
};

// What one query attended to in one layer.
struct AttentionProbe {
    LayerId layer{};
    Position position{};
    int ratio = 0;                         // tokens per compressed entry, 0 where there are none
    std::span<const std::int64_t> entries; // compressed entries attended, ascending
    std::span<const float> entryScores;    // the indexer's scores of these; empty where no indexer chose
    std::span<const float> entryMass;      // share of attention, mean over heads, one per entry
    std::int64_t windowBegin = 0;          // position of the oldest window key
    std::span<const float> windowMass;     // share of attention, mean over heads, oldest first
    float sinkMass = 0;                    // share that went to no token
};

// Asked before the attention of every (layer, step) whether it wants a position of it. Asking changes no logit.
class ProbeSink {
public:
    virtual ~ProbeSink() = default;
    virtual bool wants(LayerId layer, Position position) = 0;
    virtual void onProbe(const AttentionProbe& probe) = 0;
};

// Sees the residual streams [tokens, hcMult, hiddenSize] before layer 0 (LayerId -1) and after every layer. For tests.
class StreamSink {
public:
    virtual ~StreamSink() = default;
    virtual void onStreams(LayerId after, Position firstPosition, std::span<const float> streams) = 0;
};

enum class LogitsAt : std::uint8_t { None, Last, All };

struct ForwardOptions {
    LogitsAt logitsAt = LogitsAt::Last;
    std::span<float> logits;        // [1 or tokens, vocabularySize]; exactly that size, empty for None
    RoutingSink* routing = nullptr; // null: not recorded
    SpanSink* spans = nullptr;
    ProbeSink* probes = nullptr;
    StreamSink* streams = nullptr;
    // Experts that no token of this step is sent to. In layers with a learned router the next best expert takes the
    // place; in hash layers the table leaves none, so the token's other experts share the whole weight. Where fewer are
    // left than a token is sent to, it is sent to those; with none left only the shared expert works. A state must see
    // the same bans in all its steps to be that of a model without these experts.
    std::span<const ExpertRef> bannedExperts;
    bool keepDrafts =
        false;            // keeps what draft() needs of these tokens; costs little; no effect where drafts() is false
    std::stop_token stop; // seen within 300 ms
};

struct DraftOptions {
    std::span<float> logits; // [vocabularySize]
    SpanSink* spans = nullptr;
    std::stop_token stop; // seen within 300 ms
};

class Model {
public:
    virtual ~Model() = default;

    virtual std::string_view family() const = 0; // "deepseek_v4"
    virtual std::int64_t vocabularySize() const = 0;
    virtual std::int64_t contextLength() const = 0;
    virtual int layerCount() const = 0;
    virtual int expertsPerToken() const = 0;
    virtual int expertCount() const = 0;

    // Errors: BadArgument (a limit out of range), Unsupported (a packed format that these head sizes or Exact cannot
    // use; the hint names one that works).
    virtual Result<std::unique_ptr<SequenceState>> createState(const StateOptions& options) = 0;

    // Feeds `tokens` at the positions after state.length(). One token is a decode step, more are prefill; any cut of
    // the same tokens gives the same logits bit for bit. Errors leave the state as it was before the call: BadArgument
    // (empty, a token outside the vocabulary, logits of the wrong size, a state of another model, a banned expert that
    // is not in the model), ContextFull, OutOfMemory, Cancelled, BadFile (a file of the weights was cut off or cannot
    // be read any more).
    virtual Result<void> forward(SequenceState& state, std::span<const TokenId> tokens,
                                 const ForwardOptions& options) = 0;

    // Whether the checkpoint brings a block that guesses tokens ahead, and this build runs it.
    virtual bool drafts() const { return false; }
    // Logits of a guess. The first call after forward() is told the token that follows those taken in, and guesses the
    // one after it; each further call is told that guess, and guesses one more; at most the state's rollback slack in a
    // row. What forward() gives later does not depend on any of it. Errors leave the guesses made before: Unsupported
    // (drafts() is false), BadArgument (as forward; nothing was kept to guess from; too many in a row), OutOfMemory,
    // Cancelled.
    virtual Result<void> draft(SequenceState& state, TokenId token, const DraftOptions& options);

    virtual std::uint64_t weightBytes() const = 0;        // of all tensors the forward pass can read
    virtual std::uint64_t weightBytesTouched() const = 0; // of those that it has read so far, experts one by one
    virtual std::uint64_t scratchBytes() const = 0;       // work space held now
    // An upper bound of scratchBytes() when steps of `chunk` tokens run at a context of `tokens`.
    virtual std::uint64_t scratchBytesFor(int chunk, std::int64_t tokens) const = 0;
};

} // namespace bathy::model
