#include "engine/device/processor_load.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#ifdef __linux__
#include <ctime>
#include <unistd.h>
#endif

namespace bathy::device {
namespace {

constexpr double kShortest = 0.2; // seconds

std::string contentOf(const char* file) {
    std::ifstream stream(file);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

} // namespace

std::optional<ProcessorTimes> parseProcessorTimes(std::string_view stat, double ticksPerSecond) {
    std::istringstream lines{std::string(stat)};
    ProcessorTimes times;
    bool known = false;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string name;
        words >> name;
        if (name != "cpu") {
            times.processors += name.starts_with("cpu") ? 1 : 0;
            continue;
        }
        // user, nice, system, idle, iowait, irq, softirq, steal; guests are in user already.
        double ticks[8] = {};
        int count = 0;
        while (count < 8 && words >> ticks[count])
            ++count;
        known = count >= 4;
        times.busySeconds =
            (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7]) / std::max(1.0, ticksPerSecond);
    }
    return known && times.processors > 0 ? std::optional(times) : std::nullopt;
}

std::optional<double> parsePressure(std::string_view pressure) {
    constexpr std::string_view kKey = "some avg10=";
    const auto at = pressure.find(kKey);
    if (at == std::string_view::npos)
        return std::nullopt;
    const std::string number(pressure.substr(at + kKey.size(), 16));
    char* end = nullptr;
    const double percent = std::strtod(number.c_str(), &end);
    return end == number.c_str() ? std::nullopt : std::optional(percent / 100);
}

std::optional<ProcessorTimes> readProcessorTimes() {
#ifdef __linux__
    auto times = parseProcessorTimes(contentOf("/proc/stat"), static_cast<double>(sysconf(_SC_CLK_TCK)));
    timespec own{};
    if (!times || clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own) != 0)
        return std::nullopt;
    times->ownSeconds = static_cast<double>(own.tv_sec) + static_cast<double>(own.tv_nsec) * 1e-9;
    times->wallSeconds = std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    return times;
#else
    return std::nullopt;
#endif
}

std::optional<OtherLoad> otherLoad(const ProcessorTimes& begin, const ProcessorTimes& end) {
    const double seconds = end.wallSeconds - begin.wallSeconds;
    if (seconds < kShortest)
        return std::nullopt;
    const double others = (end.busySeconds - begin.busySeconds) - (end.ownSeconds - begin.ownSeconds);
    return OtherLoad{std::clamp(others / seconds, 0.0, static_cast<double>(end.processors)), end.processors};
}

std::optional<double> processorPressure() {
    return parsePressure(contentOf("/proc/pressure/cpu"));
}

bool isBusy(const std::optional<OtherLoad>& load, const std::optional<double>& pressure) {
    return (load && load->processors > kBusyShare * load->of) || (pressure && *pressure > kBusyShare);
}

} // namespace bathy::device
