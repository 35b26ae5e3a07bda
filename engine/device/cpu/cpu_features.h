// What the processor this program runs on can do, found with CPUID at run time. Immutable value types, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::device {

// Which variant of the kernels runs. Higher levels include the lower ones.
enum class CpuLevel {
    Reference, // portable plain loops, double accumulation; the yardstick of all others
    Avx2,      // AVX2, FMA and F16C
    Avx512,    // AVX-512 F, BW, DQ, VL
};

struct CpuFeatures {
    std::string vendor; // "AuthenticAMD"; empty where unknown
    std::string brand;  // the processor's own name
    bool avx2 = false, fma = false, f16c = false;
    bool avx512f = false, avx512bw = false, avx512dq = false, avx512vl = false;
    bool avx512vnni = false, avx512bf16 = false, amxTile = false;

    // Names of the features above that are present, in the order above: "avx2", "fma", ...
    std::vector<std::string_view> names() const;
    // The best kernel level that runs here.
    CpuLevel bestLevel() const;
};

// Asks the processor and the operating system (which must save the wide registers).
CpuFeatures detectCpuFeatures();

std::string_view cpuLevelName(CpuLevel level); // "reference", "avx2", "avx512"
std::optional<CpuLevel> cpuLevelFromName(std::string_view name);

} // namespace bathy::device
