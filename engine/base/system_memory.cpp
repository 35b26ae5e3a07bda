#include "engine/base/system_memory.h"

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
// psapi.h needs the types of windows.h.
#include <windows.h>
//
#include <psapi.h>
#else
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#endif

namespace bathy {

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

} // namespace

SystemMemory systemMemory() {
    return {kilobyteLine("/proc/meminfo", "MemTotal:"), kilobyteLine("/proc/meminfo", "MemAvailable:")};
}

ProcessMemory processMemory() {
    return {kilobyteLine("/proc/self/status", "VmRSS:"), kilobyteLine("/proc/self/status", "VmHWM:")};
}

#endif

} // namespace bathy
