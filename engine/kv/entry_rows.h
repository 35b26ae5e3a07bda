// The compressed entries (or index keys) of one layer: rows addressed by entry index in one contiguous range that grows
// in blocks and never moves. Rows below the count that the owner considers valid are never rewritten. Engine thread.
#pragma once

#include "engine/base/reserved_memory.h"

#include <cstddef>
#include <cstdint>

namespace bathy::kv {

class EntryRows {
public:
    EntryRows() = default; // no rows, ever
    // Address space for `maxRows` rows. Errors: OutOfMemory.
    static Result<EntryRows> create(std::int64_t rowBytes, std::int64_t maxRows);

    // Makes rows [0, rows) usable. Errors: OutOfMemory.
    Result<void> reserve(std::int64_t rows);
    // Bytes that reserve(rows) would take from the system.
    std::uint64_t growth(std::int64_t rows) const;
    // Gives back memory that is not needed for the first `rows` rows, one block left over.
    void shrink(std::int64_t rows);
    // Takes over the first `rows` rows of another store of the same row size. Errors: OutOfMemory.
    Result<void> copyFrom(const EntryRows& other, std::int64_t rows);

    std::byte* row(std::int64_t index) { return m_memory.data() + index * m_rowBytes; }
    // Rows [begin, end) appended to `out`, which has room; where it ends then.
    std::byte* copyTo(std::byte* out, std::int64_t begin, std::int64_t end) const;
    // The same rows back from `bytes`; they are usable already. Where the bytes go on.
    const std::byte* copyFrom(const std::byte* bytes, std::int64_t begin, std::int64_t end);
    const std::byte* data() const { return m_memory.data(); }
    std::int64_t rowBytes() const { return m_rowBytes; }
    std::uint64_t bytes() const { return m_memory.committedBytes(); }

private:
    ReservedMemory m_memory;
    std::int64_t m_rowBytes = 0;
};

} // namespace bathy::kv
