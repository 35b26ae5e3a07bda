// The caches of all layers for one token sequence: growth, going back, light checkpoints, exact byte counts. No layer
// has state that shifts, so going back a few tokens is only a smaller length; what the rings no longer hold is brought
// back from a checkpoint (spec 3.4). Engine thread.
#pragma once

#include "engine/kv/layer_cache.h"
#include "engine/telemetry/events.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace bathy::kv {

class SequenceCache {
public:
    struct Options {
        std::int64_t maxTokens = 0;
        int slack = 0;           // tokens that can always be taken back
        int checkpointLimit = 0; // light checkpoints kept at most
    };

    // Errors: OutOfMemory.
    static Result<SequenceCache> create(std::span<const LayerCacheSpec> layers, const Options& options);

    std::int64_t length() const { return m_length; }
    std::int64_t maxTokens() const { return m_options.maxTokens; }
    int slack() const { return m_options.slack; }
    std::size_t layerCount() const { return m_layers.size(); }
    LayerCache& layer(std::size_t index) { return m_layers[index]; }
    const LayerCache& layer(std::size_t index) const { return m_layers[index]; }

    // A step of `tokens` tokens: beginStep makes room and remembers how to undo, then the model writes rows and entries
    // for the positions from length() on, then exactly one of commitStep and undoStep. Errors of beginStep: OutOfMemory
    // (nothing has changed).
    Result<void> beginStep(std::int64_t tokens);
    // Bytes that beginStep(tokens) would take from the system.
    std::uint64_t stepBytes(std::int64_t tokens) const;
    void commitStep();
    void undoStep();

    // Goes back to `position` or to the nearest earlier one that can be reached; returns it.
    std::int64_t truncate(std::int64_t position);
    // Where truncate(position) would lead.
    std::int64_t reachable(std::int64_t position) const;
    // Forgets the rows of draft blocks behind the sequence; its last token's row, which is of the token after it as
    // well, stays only when asked for.
    void forgetGuesses(bool keepLast);
    // Keeps none when there is no memory for it.
    void keepCheckpoint();
    std::span<const std::int64_t> checkpoints() const { return m_checkpointPositions; }

    // A copy at reachable(position), without checkpoints. Errors: OutOfMemory.
    Result<SequenceCache> fork(std::int64_t position) const;
    // Bytes that such a copy would take from the system.
    std::uint64_t forkBytes(std::int64_t position) const;

    // The sequence as bytes, to be kept elsewhere. Lasting rows are the entries and index keys that the tokens of
    // [begin, end) completed, layer by layer: sequences that begin alike have the same ones up to there. Recent rows
    // are all that the rings hold, now and at the checkpoints.
    std::uint64_t lastingBytes(std::int64_t begin, std::int64_t end) const;
    // `out` has just that size; end <= length().
    void copyLasting(std::int64_t begin, std::int64_t end, std::span<std::byte> out) const;
    std::vector<std::byte> recentRows() const;
    // And back, into a sequence of length 0: lasting rows from 0 to `length` in pieces, then restoreRecent, with which
    // they count. Errors: BadFile (a size or a position that cannot be), OutOfMemory. The length stays 0 then.
    Result<void> restoreLasting(std::int64_t begin, std::int64_t end, std::span<const std::byte> bytes);
    Result<void> restoreRecent(std::int64_t length, std::span<const std::byte> bytes);

    telemetry::KvEvent memory() const;

private:
    // All rings as they were at one length.
    using LightState = std::vector<RingCopy>;

    LightState saveRings(std::int64_t position) const;
    void restoreRings(const LightState& state);
    Result<LightState> takeRings(std::span<const std::byte>& bytes, std::int64_t length) const;
    Result<void> tryRings(const LightState& rings, std::int64_t position);
    void setLength(std::int64_t length);
    bool ringsReach(std::int64_t position) const;
    // Index of the last checkpoint at or before `position`.
    std::optional<std::size_t> checkpointBefore(std::int64_t position) const;
    void dropCheapestCheckpoint();

    Options m_options;
    std::vector<LayerCache> m_layers;
    std::int64_t m_length = 0;
    std::int64_t m_stepTokens = 0;
    std::vector<std::int64_t> m_checkpointPositions; // ascending
    std::vector<LightState> m_checkpoints;           // beside them
    std::optional<LightState> m_undo;                // of a step that is longer than the slack
};

} // namespace bathy::kv
