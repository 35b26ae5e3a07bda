#include "engine/base/reserved_memory.h"

#include <string>
#include <utility>

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace bathy {
namespace {

std::uint64_t pageBytes() {
#ifdef _WIN32
    SYSTEM_INFO info;
    GetSystemInfo(&info);
    return info.dwPageSize;
#else
    return static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
#endif
}

std::uint64_t roundedToPages(std::uint64_t bytes) {
    const auto page = pageBytes();
    return (bytes + page - 1) / page * page;
}

void* reserveRange(std::uint64_t bytes) {
#ifdef _WIN32
    return VirtualAlloc(nullptr, bytes, MEM_RESERVE, PAGE_NOACCESS);
#else
    void* range = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return range == MAP_FAILED ? nullptr : range;
#endif
}

bool commitRange(std::byte* begin, std::uint64_t bytes) {
#ifdef _WIN32
    return VirtualAlloc(begin, bytes, MEM_COMMIT, PAGE_READWRITE) != nullptr;
#else
    return mprotect(begin, bytes, PROT_READ | PROT_WRITE) == 0;
#endif
}

void decommitRange(std::byte* begin, std::uint64_t bytes) {
#ifdef _WIN32
    VirtualFree(begin, bytes, MEM_DECOMMIT);
#else
    // A fresh mapping over the old one drops the pages and their charge at once.
    mmap(begin, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
#endif
}

Error outOfMemory(const std::string& what) {
    return {ErrorCode::OutOfMemory, what, "close other programs or conversations, or choose a smaller context"};
}

} // namespace

Result<ReservedMemory> ReservedMemory::reserve(std::uint64_t bytes) {
    ReservedMemory memory;
    const auto rounded = roundedToPages(bytes);
    if (rounded < bytes)
        return outOfMemory("cannot reserve " + std::to_string(bytes) + " bytes of address space");
    if (rounded == 0)
        return memory;
    memory.m_data = static_cast<std::byte*>(reserveRange(rounded));
    if (!memory.m_data)
        return outOfMemory("cannot reserve " + std::to_string(bytes) + " bytes of address space");
    memory.m_reserved = rounded;
    return memory;
}

ReservedMemory::ReservedMemory(ReservedMemory&& other) noexcept
    : m_data(std::exchange(other.m_data, nullptr)), m_reserved(std::exchange(other.m_reserved, 0)),
      m_committed(std::exchange(other.m_committed, 0)) {}

ReservedMemory& ReservedMemory::operator=(ReservedMemory&& other) noexcept {
    if (this != &other) {
        release();
        m_data = std::exchange(other.m_data, nullptr);
        m_reserved = std::exchange(other.m_reserved, 0);
        m_committed = std::exchange(other.m_committed, 0);
    }
    return *this;
}

ReservedMemory::~ReservedMemory() {
    release();
}

void ReservedMemory::release() {
    if (!m_data)
        return;
#ifdef _WIN32
    VirtualFree(m_data, 0, MEM_RELEASE);
#else
    munmap(m_data, m_reserved);
#endif
}

Result<void> ReservedMemory::commit(std::uint64_t bytes) {
    const auto wanted = roundedToPages(bytes);
    if (wanted < bytes || wanted > m_reserved)
        return outOfMemory("more than the " + std::to_string(m_reserved) + " bytes that were reserved are needed");
    if (wanted <= m_committed)
        return {};
    if (!commitRange(m_data + m_committed, wanted - m_committed))
        return outOfMemory("the system refused " + std::to_string(wanted - m_committed) + " bytes of memory");
    m_committed = wanted;
    return {};
}

void ReservedMemory::shrink(std::uint64_t bytes) {
    const auto kept = roundedToPages(bytes);
    if (kept >= m_committed)
        return;
    decommitRange(m_data + kept, m_committed - kept);
    m_committed = kept;
}

} // namespace bathy
