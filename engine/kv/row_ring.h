// A ring of fixed-size rows addressed by absolute position: position p lies in slot p mod capacity. It remembers which
// positions it still holds, so that going back a few positions needs no copy (spec 3.4). Engine thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace bathy::kv {

// Slots [slot, slot + count) hold consecutive positions.
struct SlotRange {
    std::int64_t slot = 0;
    std::int64_t count = 0;
};

// A run of rows taken out of a ring.
struct RingCopy {
    std::int64_t begin = 0; // positions [begin, end)
    std::int64_t end = 0;
    std::vector<std::byte> rows;
};

class RowRing {
public:
    RowRing() = default; // holds nothing, ever
    RowRing(std::int64_t capacity, std::int64_t rowBytes);

    // Writes `count` rows for positions first, first + 1, ...; only the last `capacity` of them stay. They are the last
    // positions held: what was held behind them is forgotten, and what lies before a gap as well.
    void put(std::int64_t first, std::int64_t count, const std::byte* rows);

    // Whether every position of [begin, end) is held. An empty range always is.
    bool holds(std::int64_t begin, std::int64_t end) const;
    // Where [begin, end) lies, oldest first: the second part is empty unless the range wraps. Must be held.
    std::pair<SlotRange, SlotRange> find(std::int64_t begin, std::int64_t end) const;
    const std::byte* row(std::int64_t position) const; // must be held

    // The held part of [end - capacity, end).
    RingCopy copyBefore(std::int64_t end) const;
    // Forgets everything, then holds the rows of the copy.
    void restore(const RingCopy& copy);
    void clear();
    // Forgets the positions from `position` on.
    void forgetFrom(std::int64_t position);

    // First position from which on everything before `end` is held; `end` when the one before it is not.
    std::int64_t heldBefore(std::int64_t end) const { return m_begin < end && end <= m_end ? m_begin : end; }
    std::int64_t count() const { return m_end - m_begin; } // positions held
    std::int64_t end() const { return m_end; }             // behind the last one

    std::int64_t capacity() const { return m_capacity; }
    std::int64_t rowBytes() const { return m_rowBytes; }
    const std::byte* data() const { return m_rows.data(); }
    std::uint64_t bytes() const { return m_rows.size(); }

private:
    std::byte* slotOf(std::int64_t position);

    std::int64_t m_capacity = 0;
    std::int64_t m_rowBytes = 0;
    std::int64_t m_begin = 0; // held positions: [m_begin, m_end)
    std::int64_t m_end = 0;
    std::vector<std::byte> m_rows;
};

} // namespace bathy::kv
