// Caches of attention that forgets nothing: for every layer one row for each position and, where an indexer chooses,
// one key. Rows never move and are not rewritten while they count, so going back is only a smaller length. Engine
// thread.
#pragma once

#include "engine/kv/entry_rows.h"
#include "engine/telemetry/events.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bathy::kv {

struct PositionLayerSpec {
    std::int64_t rowBytes = 0;
    std::int64_t indexKeyBytes = 0; // 0: no indexer
};

struct PositionLayer {
    EntryRows rows;
    EntryRows indexKeys;
};

class PositionCache {
public:
    struct Options {
        std::int64_t maxTokens = 0;
        telemetry::KvPart rowsAre = telemetry::KvPart::KeysValues; // what rows count as
    };

    // Errors: OutOfMemory.
    static Result<PositionCache> create(std::span<const PositionLayerSpec> layers, const Options& options);

    std::int64_t length() const { return m_length; }
    std::int64_t maxTokens() const { return m_options.maxTokens; }
    PositionLayer& layer(std::size_t index) { return m_layers[index]; }

    // Makes room for the rows of `tokens` more positions, which the model then writes; they count after commitStep.
    // Without it nothing has happened. Errors: OutOfMemory.
    Result<void> beginStep(std::int64_t tokens);
    // Bytes that beginStep(tokens) would take from the system.
    std::uint64_t stepBytes(std::int64_t tokens) const;
    void commitStep(std::int64_t tokens) { m_length += tokens; }

    // Forgets the rows from `position` on; every position can be reached. Returns the new length.
    std::int64_t truncate(std::int64_t position);
    // A copy of the rows before `position`. Errors: OutOfMemory.
    Result<PositionCache> fork(std::int64_t position) const;
    // Bytes that such a copy would take from the system.
    std::uint64_t forkBytes(std::int64_t position) const;

    // The sequence as bytes, to be kept elsewhere: the rows and keys of positions [begin, end), layer by layer.
    std::uint64_t lastingBytes(std::int64_t begin, std::int64_t end) const;
    // `out` has just that size; end <= length().
    void copyLasting(std::int64_t begin, std::int64_t end, std::span<std::byte> out) const;
    // And back, into a sequence of length 0, in pieces from 0 on; they count after commitStep. Errors: BadFile (a size
    // that cannot be), OutOfMemory.
    Result<void> restoreLasting(std::int64_t begin, std::int64_t end, std::span<const std::byte> bytes);

    telemetry::KvEvent memory() const;

private:
    Options m_options;
    std::vector<PositionLayer> m_layers;
    std::int64_t m_length = 0;
};

} // namespace bathy::kv
