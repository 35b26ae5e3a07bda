// What one layer remembers of a sequence (spec 3.1): a ring of window rows; for compressed layers the entries, the raw
// (u, z) rows of the unfinished windows, and for sparse ones the same for the indexer. Keys and values are the same
// row. A draft block (spec 2.12) has a window of its own, whose rows lag one token behind, and the last tokens'
// residual streams of the main model. Plain data; how a row is encoded is the model's business.
#pragma once

#include "engine/kv/entry_rows.h"
#include "engine/kv/row_ring.h"

#include <array>
#include <cstdint>

namespace bathy::kv {

enum class EntryKind : std::uint8_t { None, CompressedSparse, HeavilyCompressed };

struct LayerCacheSpec {
    std::int64_t windowTokens = 0; // tokens a query sees, itself included
    std::int64_t rowBytes = 0;     // of a window row and of an entry
    EntryKind entries = EntryKind::None;
    std::int64_t ratio = 0;           // tokens per entry
    bool overlap = false;             // an entry also pools the window before its own
    std::int64_t stateRowBytes = 0;   // one token's raw (u, z)
    std::int64_t indexKeyBytes = 0;   // 0: no indexer
    std::int64_t indexStateBytes = 0; // one token's raw (u, z) of the indexer's compressor
    std::int64_t streamBytes = 0;     // one token's residual streams; 0: no draft block

    bool draft() const { return streamBytes > 0; }

    std::int64_t stateTokens() const { return overlap ? 2 * ratio : ratio; }
    // First position whose raw rows are needed to go on from `position`.
    std::int64_t stateBegin(std::int64_t position) const;
    // First position whose window rows are needed to go on from `position`.
    std::int64_t windowBegin(std::int64_t position) const;
    std::int64_t entryCount(std::int64_t tokens) const { return ratio > 0 ? tokens / ratio : 0; }
};

struct LayerCache {
    LayerCacheSpec spec;
    RowRing window;
    RowRing state; // of a draft block: the streams
    RowRing indexState;
    EntryRows entries;
    EntryRows indexKeys;

    // Rings hold `slack` rows more than are needed. Errors: OutOfMemory.
    static Result<LayerCache> create(const LayerCacheSpec& spec, std::int64_t maxTokens, std::int64_t slack);

    std::array<RowRing*, 3> rings() { return {&window, &state, &indexState}; }
    std::array<const RowRing*, 3> rings() const { return {&window, &state, &indexState}; }

    // Whether the rings still hold all that is needed to go on from `position`. A draft block only guesses: what it
    // lacks makes its guesses worse and never hinders going back.
    bool reaches(std::int64_t position) const;
    // Forgets what a draft block knows of tokens behind the first `length`. A row belongs to a token and the one after
    // it: whether that of the last token may stay is for the caller to know.
    void forgetDrafts(std::int64_t length, bool keepLast = false);
    // Room for the entries of `tokens` tokens. Errors: OutOfMemory.
    Result<void> reserve(std::int64_t tokens);
};

} // namespace bathy::kv
