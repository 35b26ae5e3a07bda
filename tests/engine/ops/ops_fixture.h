// A context for tests: own threads and work space, any level.
#pragma once

#include "engine/ops/context.h"
#include "tests/kernels/support.h"

namespace bathy::test {

struct OpsFixture {
    explicit OpsFixture(device::CpuLevel wanted = device::detectCpuFeatures().bestLevel(), int threads = 2)
        : pool(threads), context{pool, scratch, wanted} {}
    ThreadPool pool;
    ops::Scratch scratch;
    ops::Context context;
};

inline std::vector<device::CpuLevel> levels() {
    std::vector<device::CpuLevel> result;
    for (const auto level : {device::CpuLevel::Reference, device::CpuLevel::Avx2, device::CpuLevel::Avx512})
        if (level <= device::detectCpuFeatures().bestLevel())
            result.push_back(level);
    return result;
}

inline std::string traceOf(device::CpuLevel level) {
    return seedNote() + " level " + std::string(device::cpuLevelName(level));
}

} // namespace bathy::test
