#include "engine/base/mapped_guard.h"

#ifndef _WIN32

#include <cerrno>
#include <csignal>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>

namespace bathy::detail {
namespace {

// The handler walks this list without a lock, so ranges are added at its head and never taken out, only used again.
std::atomic<GuardedRange*> g_ranges{nullptr};
std::mutex g_mutex; // of those who change the list
std::uintptr_t g_pageBytes = 4096;
struct sigaction g_previous {};

GuardedRange* rangeAround(std::uintptr_t address) {
    for (auto* range = g_ranges.load(std::memory_order_acquire); range; range = range->next) {
        const auto begin = range->begin.load(std::memory_order_acquire);
        if (begin != 0 && address >= begin && address < range->end.load(std::memory_order_relaxed))
            return range;
    }
    return nullptr;
}

// From the page on to the end of the file: behind a page that is gone there is nothing to be had either.
bool replaceByZeros(const GuardedRange& range, std::uintptr_t address) {
    const auto page = address / g_pageBytes * g_pageBytes;
    const auto length = range.end.load(std::memory_order_relaxed) - page;
    // Not on the list of what a signal handler may call, but a bare system call on every system this is built for.
    return mmap(reinterpret_cast<void*>(page), length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
           MAP_FAILED;
}

void passOn(int signal, siginfo_t* info, void* context) {
    if ((g_previous.sa_flags & SA_SIGINFO) != 0 && g_previous.sa_sigaction)
        return g_previous.sa_sigaction(signal, info, context);
    if (g_previous.sa_handler != SIG_DFL && g_previous.sa_handler != SIG_IGN)
        return g_previous.sa_handler(signal);
    // The instruction runs again and ends the program as it would have without us.
    std::signal(signal, SIG_DFL);
}

void onBusError(int signal, siginfo_t* info, void* context) {
    const auto saved = errno;
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    auto* range = rangeAround(address);
    if (!range || !replaceByZeros(*range, address))
        return passOn(signal, info, context);
    range->damaged.store(true, std::memory_order_release);
    errno = saved;
}

void installHandler() {
    g_pageBytes = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    struct sigaction action {};
    action.sa_sigaction = onBusError;
    action.sa_flags = SA_SIGINFO;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &g_previous);
}

} // namespace

GuardedRange* guardRange(const void* begin, std::size_t size) {
    static std::once_flag installed;
    std::call_once(installed, installHandler);
    const std::lock_guard lock(g_mutex);
    auto* range = g_ranges.load(std::memory_order_relaxed);
    while (range && range->begin.load(std::memory_order_relaxed) != 0)
        range = range->next;
    if (!range) {
        range = new GuardedRange;
        range->next = g_ranges.load(std::memory_order_relaxed);
        g_ranges.store(range, std::memory_order_release);
    }
    const auto address = reinterpret_cast<std::uintptr_t>(begin);
    range->damaged.store(false, std::memory_order_relaxed);
    range->end.store((address + size + g_pageBytes - 1) / g_pageBytes * g_pageBytes, std::memory_order_relaxed);
    range->begin.store(address, std::memory_order_release);
    return range;
}

void releaseRange(GuardedRange* range) {
    const std::lock_guard lock(g_mutex);
    range->begin.store(0, std::memory_order_release);
}

} // namespace bathy::detail

#endif
