// An address range that is reserved once and given memory from its start as it grows, so that what lies in it never
// moves and is never copied. Single owner; moving the object keeps addresses.
#pragma once

#include "engine/base/result.h"

#include <cstddef>
#include <cstdint>

namespace bathy {

class ReservedMemory {
public:
    // Address space only. Errors: OutOfMemory.
    static Result<ReservedMemory> reserve(std::uint64_t bytes);

    ReservedMemory() = default; // an empty range
    ReservedMemory(ReservedMemory&& other) noexcept;
    ReservedMemory& operator=(ReservedMemory&& other) noexcept;
    ReservedMemory(const ReservedMemory&) = delete;
    ReservedMemory& operator=(const ReservedMemory&) = delete;
    ~ReservedMemory();

    // Makes at least the first `bytes` usable; new memory is zero. Errors: OutOfMemory (also past the end).
    Result<void> commit(std::uint64_t bytes);
    // Gives back what lies behind the first `bytes`.
    void shrink(std::uint64_t bytes);

    std::byte* data() const { return m_data; }
    std::uint64_t committedBytes() const { return m_committed; }
    std::uint64_t reservedBytes() const { return m_reserved; }

private:
    void release();

    std::byte* m_data = nullptr;
    std::uint64_t m_reserved = 0;
    std::uint64_t m_committed = 0;
};

} // namespace bathy
