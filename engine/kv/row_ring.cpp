#include "engine/kv/row_ring.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace bathy::kv {

RowRing::RowRing(std::int64_t capacity, std::int64_t rowBytes)
    : m_capacity(capacity), m_rowBytes(rowBytes), m_rows(static_cast<std::size_t>(capacity * rowBytes)) {}

std::byte* RowRing::slotOf(std::int64_t position) {
    return m_rows.data() + position % m_capacity * m_rowBytes;
}

void RowRing::put(std::int64_t first, std::int64_t count, const std::byte* rows) {
    if (m_capacity == 0 || count == 0)
        return;
    const std::int64_t end = first + count;
    const std::int64_t kept = std::max(first, end - m_capacity);
    for (std::int64_t position = kept; position < end; ++position)
        std::memcpy(slotOf(position), rows + (position - first) * m_rowBytes, static_cast<std::size_t>(m_rowBytes));
    // What lay behind `end` belonged to tokens that were taken back; the slots it used up stay lost.
    const bool contiguous = first >= m_begin && first <= m_end;
    m_begin = std::max(contiguous ? m_begin : kept, end - m_capacity);
    m_end = end;
}

bool RowRing::holds(std::int64_t begin, std::int64_t end) const {
    return begin >= end || (begin >= m_begin && end <= m_end);
}

std::pair<SlotRange, SlotRange> RowRing::find(std::int64_t begin, std::int64_t end) const {
    assert(holds(begin, end));
    if (begin >= end)
        return {};
    const std::int64_t slot = begin % m_capacity;
    const std::int64_t head = std::min(end - begin, m_capacity - slot);
    return {{slot, head}, {0, end - begin - head}};
}

const std::byte* RowRing::row(std::int64_t position) const {
    assert(holds(position, position + 1));
    return m_rows.data() + position % m_capacity * m_rowBytes;
}

RingCopy RowRing::copyBefore(std::int64_t end) const {
    RingCopy copy;
    copy.end = std::min(end, m_end);
    copy.begin = std::min(std::max(m_begin, end - m_capacity), copy.end);
    copy.rows.resize(static_cast<std::size_t>((copy.end - copy.begin) * m_rowBytes));
    for (std::int64_t position = copy.begin; position < copy.end; ++position)
        std::memcpy(copy.rows.data() + (position - copy.begin) * m_rowBytes, row(position),
                    static_cast<std::size_t>(m_rowBytes));
    return copy;
}

void RowRing::restore(const RingCopy& copy) {
    clear();
    put(copy.begin, copy.end - copy.begin, copy.rows.data());
}

void RowRing::clear() {
    m_begin = 0;
    m_end = 0;
}

void RowRing::forgetFrom(std::int64_t position) {
    if (position <= m_begin)
        return clear();
    m_end = std::min(m_end, position);
}

} // namespace bathy::kv
