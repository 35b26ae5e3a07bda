#include "engine/kv/entry_rows.h"

#include <algorithm>
#include <cstring>

namespace bathy::kv {
namespace {

// Small enough not to matter beside a model, large enough that growth is rare: 448 packed rows, 1,792 tokens of CSA.
constexpr std::uint64_t kBlockBytes = 256 * 1024;

std::uint64_t wholeBlocks(std::uint64_t bytes, std::uint64_t limit) {
    return std::min((bytes + kBlockBytes - 1) / kBlockBytes * kBlockBytes, limit);
}

} // namespace

Result<EntryRows> EntryRows::create(std::int64_t rowBytes, std::int64_t maxRows) {
    EntryRows rows;
    BATHY_TRY(rows.m_memory, ReservedMemory::reserve(static_cast<std::uint64_t>(rowBytes * maxRows)));
    rows.m_rowBytes = rowBytes;
    return rows;
}

Result<void> EntryRows::reserve(std::int64_t rows) {
    const auto needed = static_cast<std::uint64_t>(rows * m_rowBytes);
    if (needed <= m_memory.committedBytes())
        return {};
    return m_memory.commit(wholeBlocks(needed, std::max(needed, m_memory.reservedBytes())));
}

std::uint64_t EntryRows::growth(std::int64_t rows) const {
    const auto needed = static_cast<std::uint64_t>(rows * m_rowBytes);
    return needed <= m_memory.committedBytes() ? 0 : needed - m_memory.committedBytes();
}

void EntryRows::shrink(std::int64_t rows) {
    m_memory.shrink(wholeBlocks(static_cast<std::uint64_t>(rows * m_rowBytes) + kBlockBytes, m_memory.reservedBytes()));
}

Result<void> EntryRows::copyFrom(const EntryRows& other, std::int64_t rows) {
    BATHY_CHECK(reserve(rows));
    // A store without rows has no memory at all, however many are asked for.
    if (const auto bytes = rows * m_rowBytes; bytes > 0)
        std::memcpy(m_memory.data(), other.data(), static_cast<std::size_t>(bytes));
    return {};
}

std::byte* EntryRows::copyTo(std::byte* out, std::int64_t begin, std::int64_t end) const {
    const auto bytes = (end - begin) * m_rowBytes;
    if (bytes > 0)
        std::memcpy(out, m_memory.data() + begin * m_rowBytes, static_cast<std::size_t>(bytes));
    return out + bytes;
}

const std::byte* EntryRows::copyFrom(const std::byte* bytes, std::int64_t begin, std::int64_t end) {
    const auto count = (end - begin) * m_rowBytes;
    if (count > 0)
        std::memcpy(m_memory.data() + begin * m_rowBytes, bytes, static_cast<std::size_t>(count));
    return bytes + count;
}

} // namespace bathy::kv
