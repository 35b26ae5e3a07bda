#include "engine/base/system_memory.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <string>

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
// psapi.h needs the types of windows.h.
#include <windows.h>
//
#include <psapi.h>
#else
#include <fstream>
#include <sys/resource.h>
#endif

namespace bathy {

namespace {

constexpr auto kUnlimited = std::numeric_limits<std::uint64_t>::max();
// Less than this is not worth asking the system for.
constexpr std::uint64_t kWorthAsking = std::uint64_t{8} << 20;

std::string gigabytes(std::uint64_t bytes) {
    char text[32];
    const auto value = static_cast<double>(bytes);
    if (bytes < 1'000'000'000)
        std::snprintf(text, sizeof text, "%.0f MB", std::max(1.0, value / 1e6));
    else
        std::snprintf(text, sizeof text, "%.1f GB", value / 1e9);
    return text;
}

} // namespace

#ifdef _WIN32

SystemMemory systemMemory() {
    MEMORYSTATUSEX status{};
    status.dwLength = sizeof(status);
    if (!GlobalMemoryStatusEx(&status))
        return {};
    return {status.ullTotalPhys, status.ullAvailPhys};
}

ProcessMemory processMemory() {
    PROCESS_MEMORY_COUNTERS counters{};
    if (!K32GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof(counters)))
        return {};
    return {counters.WorkingSetSize, counters.PeakWorkingSetSize};
}

std::uint64_t memoryLeft() {
    const auto memory = systemMemory();
    return memory.totalBytes == 0 ? kUnlimited : memory.availableBytes;
}

#else

namespace {

// Lines of the form "MemTotal:       16384 kB".
std::uint64_t kilobyteLine(const char* file, std::string_view key) {
    std::ifstream stream(file);
    std::string word;
    std::uint64_t kilobytes = 0;
    while (stream >> word) {
        if (word == key && stream >> kilobytes)
            return kilobytes * 1024;
        stream.clear();
        stream.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return 0;
}

std::uint64_t leftOf(std::uint64_t limit, std::uint64_t used) {
    return limit > used ? limit - used : 0;
}

std::uint64_t addressSpaceLeft() {
    rlimit limit{};
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return kUnlimited;
    return leftOf(limit.rlim_cur, kilobyteLine("/proc/self/status", "VmSize:"));
}

// Control groups, version 2. Pages of files count as used there but are given back when they are in the way.
std::uint64_t controlGroupLeft() {
    std::string group;
    std::ifstream own("/proc/self/cgroup");
    while (std::getline(own, group) && !group.starts_with("0::"))
        group.clear();
    if (group.empty())
        return kUnlimited;
    const auto folder = "/sys/fs/cgroup" + group.substr(3) + "/";
    std::uint64_t limit = 0;
    std::uint64_t used = 0;
    if (!(std::ifstream(folder + "memory.max") >> limit) || !(std::ifstream(folder + "memory.current") >> used))
        return kUnlimited;
    std::ifstream parts(folder + "memory.stat");
    std::string name;
    for (std::uint64_t bytes = 0; parts >> name >> bytes;)
        if (name == "file")
            used = leftOf(used, bytes);
    return leftOf(limit, used);
}

} // namespace

std::uint64_t memoryLeft() {
    const auto memory = systemMemory();
    return std::min(
        {memory.totalBytes == 0 ? kUnlimited : memory.availableBytes, addressSpaceLeft(), controlGroupLeft()});
}

SystemMemory systemMemory() {
    return {kilobyteLine("/proc/meminfo", "MemTotal:"), kilobyteLine("/proc/meminfo", "MemAvailable:")};
}

ProcessMemory processMemory() {
    return {kilobyteLine("/proc/self/status", "VmRSS:"), kilobyteLine("/proc/self/status", "VmHWM:")};
}

#endif

Error outOfMemory(std::string_view what, std::uint64_t neededBytes) {
    return {ErrorCode::OutOfMemory,
            std::string(what) + " needs " + gigabytes(neededBytes) + " of memory, " + gigabytes(memoryLeft()) +
                " is available",
            "close other programs or conversations, or use a shorter prompt or a smaller context"};
}

Result<void> requireMemory(std::string_view what, std::uint64_t bytes) {
    if (bytes < kWorthAsking || bytes <= memoryLeft())
        return {};
    return outOfMemory(what, bytes);
}

} // namespace bathy
