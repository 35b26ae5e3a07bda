// Ranges of mapped files in which a page that cannot be read any more becomes zeros instead of ending the program: the
// file was cut off by somebody else, or its disk failed. Used by MappedFile. POSIX; any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace bathy::detail {

struct GuardedRange {
    std::atomic<std::uintptr_t> begin{0}; // 0: free for the next file
    std::atomic<std::uintptr_t> end{0};
    std::atomic<bool> damaged{false};
    GuardedRange* next = nullptr;
};

// The first call installs the handler of SIGBUS; signals from elsewhere go to whoever had it before. The range stays
// guarded until it is released, which must happen before it is unmapped.
GuardedRange* guardRange(const void* begin, std::size_t size);
void releaseRange(GuardedRange* range);

} // namespace bathy::detail
