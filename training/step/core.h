// The heart of attention: queries over the window's keys, the entries they may read and one sink a head; values are
// the keys. Queries are [chunks, HEADS, CHUNK, HEAD]; weights are kept in rows of [window before | own chunk |
// entries].
#pragma once
#include "compressor.h"
#include "matrix.h"

namespace step {
struct Core {
    int ratio = 0; // 0: no entries
    int row = 0;   // length of a row of weights
    half* queries = nullptr;
    half *keys = nullptr, *key_rows = nullptr, *key_columns = nullptr; // [T, HEAD], packed by chunk
    half *entry_rows = nullptr, *entry_columns = nullptr;              // packed by row
    Entries entries;
    const uint8_t* chosen = nullptr; // [T, entries] where the indexer chose, else every past entry is visible
    half* weights = nullptr;         // [chunks, HEADS, CHUNK, row]
    float* sunk = nullptr;           // [chunks, HEADS, CHUNK]: the sink's weight
    // Entries in the past of position p of a row.
    int past(int p) const { return ratio ? (p + 1) / ratio : 0; }
};

// queries, keys, entries and chosen are given; out [chunks, HEADS, CHUNK, HEAD].
void attend(const Run& run, Core& core, const float* sink, float* out);
// dout as halves. dqueries like out; dkeys [T, HEAD] and dentries [rows, room, HEAD] are added to, dsink too.
void attendBack(const Run& run, const Core& core, const half* dout, float* dqueries, float* dkeys, float* dentries,
                float* dsink);
} // namespace step
