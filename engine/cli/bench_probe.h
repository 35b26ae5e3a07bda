// What `bathy bench` learns of the machine: its ceilings, and how busy others keep it. Main thread.
#pragma once

#include "engine/base/result.h"
#include "engine/base/thread_pool.h"
#include "engine/device/disk_rate.h"
#include "engine/device/processor_load.h"

#include <filesystem>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace bathy::cli {

// Rates a second. 0: not measured, because it was stopped or there was no memory.
struct BenchProbe {
    std::vector<double> readBytes; // by all threads, before the runs and after them
    double readBytesOneThread = 0;
    double matrixF32 = 0;  // floating-point operations of evaluate::measureMatrixRate, weights in F32
    double matrixBf16 = 0; // weights in BF16
    std::optional<device::DiskRate> disk;
    std::string diskMissing; // why there is none

    double readCeiling() const; // the best of readBytes
};

// All but the second reading of the memory's rate.
BenchProbe probeMachine(ThreadPool& pool, std::span<const std::filesystem::path> files, const std::stop_token& stop);

// How busy others keep the machine, looked at for half a second.
struct Quiet {
    std::optional<device::OtherLoad> load;
    std::optional<double> pressure;
};
Quiet lookForOthers(const std::stop_token& stop);
// Errors: Busy, with what was seen.
Result<void> requireQuiet(const Quiet& seen);

// What this process held at most is counted anew from here on, so that the probe's own memory is not in it. Where the
// system cannot do that, it stays in.
void forgetPeakMemory();

} // namespace bathy::cli
