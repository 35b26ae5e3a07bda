#include "engine/cli/bench_probe.h"

#include "engine/cli/read_bandwidth.h"
#include "engine/cli/text.h"
#include "engine/evaluate/matrix_rate.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

namespace bathy::cli {
namespace {

constexpr std::uint64_t kDiskLimit = std::uint64_t{2} << 30;

} // namespace

double BenchProbe::readCeiling() const {
    return readBytes.empty() ? 0 : *std::max_element(readBytes.begin(), readBytes.end());
}

BenchProbe probeMachine(ThreadPool& pool, std::span<const std::filesystem::path> files, const std::stop_token& stop) {
    BenchProbe probe;
    ThreadPool one(1);
    probe.readBytes.push_back(measureReadBandwidth(pool, stop));
    probe.readBytesOneThread = measureReadBandwidth(one, stop);
    probe.matrixF32 = evaluate::measureMatrixRate(pool, DType::F32, stop);
    probe.matrixBf16 = evaluate::measureMatrixRate(pool, DType::BF16, stop);
    if (const auto disk = device::measureDiskRate(files, kDiskLimit, stop))
        probe.disk = *disk;
    else
        probe.diskMissing = disk.error().what();
    return probe;
}

Quiet lookForOthers(const std::stop_token& stop) {
    constexpr auto kPiece = std::chrono::milliseconds(50);
    Quiet seen;
    seen.pressure = device::processorPressure();
    const auto begin = device::readProcessorTimes();
    if (!begin)
        return seen;
    for (int piece = 0; piece < 10 && !stop.stop_requested(); ++piece)
        std::this_thread::sleep_for(kPiece);
    if (const auto end = device::readProcessorTimes())
        seen.load = device::otherLoad(*begin, *end);
    return seen;
}

Result<void> requireQuiet(const Quiet& seen) {
    if (!device::isBusy(seen.load, seen.pressure))
        return {};
    std::string what = "the machine is busy";
    if (seen.load)
        what += ": other programs keep " + formatFixed(seen.load->processors, 1) + " of " +
                counted(static_cast<std::uint64_t>(seen.load->of), "processor") + " at work";
    if (seen.pressure)
        what += ", and in " + formatFixed(*seen.pressure * 100, 0) + " % of the last ten seconds something had to wait";
    return Error(ErrorCode::Busy, what, "wait until they are done, or go on with --force: the figures will be marked");
}

void forgetPeakMemory() {
#ifdef __linux__
    std::ofstream("/proc/self/clear_refs") << "5"; // man 5 proc: resets the peak resident set size
#endif
}

} // namespace bathy::cli
