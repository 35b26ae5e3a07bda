#include "engine/device/cpu/cpu_features.h"

#include <array>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#define BATHY_HAS_CPUID 1
#endif

namespace bathy::device {

#ifdef BATHY_HAS_CPUID
namespace {

struct Registers {
    std::uint32_t a = 0, b = 0, c = 0, d = 0;
};

Registers cpuid(std::uint32_t leaf, std::uint32_t subleaf = 0) {
    Registers r;
    if (__get_cpuid_count(leaf, subleaf, &r.a, &r.b, &r.c, &r.d) == 0)
        return {};
    return r;
}

std::uint64_t extendedControlRegister() {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (static_cast<std::uint64_t>(high) << 32) | low;
}

bool bit(std::uint32_t word, int index) {
    return ((word >> index) & 1u) != 0;
}

std::string vendorName() {
    const auto r = cpuid(0);
    std::array<char, 12> text{};
    std::memcpy(text.data(), &r.b, 4);
    std::memcpy(text.data() + 4, &r.d, 4);
    std::memcpy(text.data() + 8, &r.c, 4);
    return {text.begin(), text.end()};
}

std::string brandName() {
    std::array<char, 49> text{};
    for (std::uint32_t i = 0; i < 3; ++i) {
        const auto r = cpuid(0x80000002u + i);
        std::memcpy(text.data() + 16 * i, &r, 16);
    }
    std::string name(text.data());
    while (!name.empty() && name.back() == ' ')
        name.pop_back();
    return name;
}

} // namespace

CpuFeatures detectCpuFeatures() {
    CpuFeatures f;
    f.vendor = vendorName();
    f.brand = brandName();
    const auto one = cpuid(1);
    const bool osSavesRegisters = bit(one.c, 27);
    const auto saved = osSavesRegisters ? extendedControlRegister() : 0;
    const bool ymm = (saved & 0x6) == 0x6;
    const bool zmm = (saved & 0xe6) == 0xe6;
    const bool tiles = (saved & 0x60000) == 0x60000;
    const auto seven = cpuid(7);
    f.fma = ymm && bit(one.c, 12);
    f.f16c = ymm && bit(one.c, 29);
    f.avx2 = ymm && bit(seven.b, 5);
    f.avx512f = zmm && bit(seven.b, 16);
    f.avx512dq = zmm && bit(seven.b, 17);
    f.avx512bw = zmm && bit(seven.b, 30);
    f.avx512vl = zmm && bit(seven.b, 31);
    f.avx512vnni = zmm && bit(seven.c, 11);
    f.avx512bf16 = zmm && bit(cpuid(7, 1).a, 5);
    f.amxTile = tiles && bit(seven.d, 24);
    return f;
}
#else
CpuFeatures detectCpuFeatures() {
    return {};
}
#endif

std::vector<std::string_view> CpuFeatures::names() const {
    std::vector<std::string_view> result;
    const auto add = [&](bool present, std::string_view name) {
        if (present)
            result.push_back(name);
    };
    add(avx2, "avx2");
    add(fma, "fma");
    add(f16c, "f16c");
    add(avx512f, "avx512f");
    add(avx512bw, "avx512bw");
    add(avx512dq, "avx512dq");
    add(avx512vl, "avx512vl");
    add(avx512vnni, "avx512vnni");
    add(avx512bf16, "avx512bf16");
    add(amxTile, "amx-tile");
    return result;
}

CpuLevel CpuFeatures::bestLevel() const {
    const bool level2 = avx2 && fma && f16c;
    if (level2 && avx512f && avx512bw && avx512dq && avx512vl)
        return CpuLevel::Avx512;
    return level2 ? CpuLevel::Avx2 : CpuLevel::Reference;
}

std::string_view cpuLevelName(CpuLevel level) {
    switch (level) {
    case CpuLevel::Reference:
        return "reference";
    case CpuLevel::Avx2:
        return "avx2";
    case CpuLevel::Avx512:
        return "avx512";
    }
    return "reference";
}

std::optional<CpuLevel> cpuLevelFromName(std::string_view name) {
    for (const auto level : {CpuLevel::Reference, CpuLevel::Avx2, CpuLevel::Avx512})
        if (name == cpuLevelName(level))
            return level;
    return std::nullopt;
}

} // namespace bathy::device
