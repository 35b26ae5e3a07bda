// What other programs take of this machine's processors, as Linux says in /proc. Elsewhere nothing is known. Any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bathy::device {

// Since the machine and this process started.
struct ProcessorTimes {
    int processors = 0;     // that are online
    double busySeconds = 0; // of all processors, all programs, the system and other guests of the host
    double ownSeconds = 0;  // of this process
    double wallSeconds = 0; // of a clock that never goes back
};
std::optional<ProcessorTimes> readProcessorTimes();

// Processors that others kept busy between two readings, on average: 0 to `of`.
struct OtherLoad {
    double processors = 0;
    int of = 0;
};
// The system counts in hundredths of a second: nothing where less than a fifth of a second lies between the two.
std::optional<OtherLoad> otherLoad(const ProcessorTimes& begin, const ProcessorTimes& end);

// Share of the last ten seconds, 0 to 1, in which something that could run had to wait for a processor. Nothing where
// the kernel does not count it.
std::optional<double> processorPressure();

// The texts of /proc/stat and /proc/pressure/cpu. `ticksPerSecond`: the unit of the former. Of the result only
// processors and busySeconds are set.
std::optional<ProcessorTimes> parseProcessorTimes(std::string_view stat, double ticksPerSecond);
std::optional<double> parsePressure(std::string_view pressure);

// More than a tenth of the machine, or of the time under pressure, and figures say more about the others than about us.
inline constexpr double kBusyShare = 0.1;
bool isBusy(const std::optional<OtherLoad>& load, const std::optional<double>& pressure);

} // namespace bathy::device
