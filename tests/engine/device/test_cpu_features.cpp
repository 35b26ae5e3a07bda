#include "engine/device/cpu/cpu_features.h"

#include <gtest/gtest.h>

namespace bathy::device {
namespace {

TEST(CpuFeatures, levelNeedsEveryFeatureOfItsKernels) {
    CpuFeatures f;
    EXPECT_EQ(f.bestLevel(), CpuLevel::Reference);
    f.avx2 = f.fma = true;
    EXPECT_EQ(f.bestLevel(), CpuLevel::Reference);
    f.f16c = true;
    EXPECT_EQ(f.bestLevel(), CpuLevel::Avx2);
    f.avx512f = f.avx512bw = f.avx512dq = true;
    EXPECT_EQ(f.bestLevel(), CpuLevel::Avx2);
    f.avx512vl = true;
    EXPECT_EQ(f.bestLevel(), CpuLevel::Avx512);
    EXPECT_EQ(f.names(),
              (std::vector<std::string_view>{"avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512dq", "avx512vl"}));
}

TEST(CpuFeatures, levelNames_roundTrip) {
    for (const auto level : {CpuLevel::Reference, CpuLevel::Avx2, CpuLevel::Avx512})
        EXPECT_EQ(cpuLevelFromName(cpuLevelName(level)), level);
    EXPECT_EQ(cpuLevelFromName("sse9"), std::nullopt);
}

#if defined(__x86_64__) && defined(__GNUC__)
TEST(CpuFeatures, detection_agreesWithTheCompilersRuntime) {
    const auto f = detectCpuFeatures();
    EXPECT_EQ(f.avx2, __builtin_cpu_supports("avx2") != 0);
    EXPECT_EQ(f.fma, __builtin_cpu_supports("fma") != 0);
    EXPECT_EQ(f.avx512bw, __builtin_cpu_supports("avx512bw") != 0);
    EXPECT_EQ(f.avx512vnni, __builtin_cpu_supports("avx512vnni") != 0);
    EXPECT_FALSE(f.vendor.empty());
}
#endif

} // namespace
} // namespace bathy::device
