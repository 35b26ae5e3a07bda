#include "engine/device/processor_load.h"

#include <gtest/gtest.h>

namespace bathy::device {
namespace {

constexpr const char* kStat = "cpu  100 20 30 5000 7 1 2 40 11 0\n"
                              "cpu0 50 10 15 2500 3 1 1 20 5 0\n"
                              "cpu1 50 10 15 2500 4 0 1 20 6 0\n"
                              "intr 12345 0 0\nctxt 99\n";

TEST(ProcessorLoad, Stat_countsAllButIdleAndWaiting) {
    const auto times = parseProcessorTimes(kStat, 100);
    ASSERT_TRUE(times);
    EXPECT_EQ(times->processors, 2);
    EXPECT_DOUBLE_EQ(times->busySeconds, (100 + 20 + 30 + 1 + 2 + 40) / 100.0);
}

TEST(ProcessorLoad, OldAndBrokenTexts) {
    const auto old = parseProcessorTimes("cpu 1 2 3 4\ncpu0 1 2 3 4\n", 100); // before 2.5.41
    ASSERT_TRUE(old);
    EXPECT_DOUBLE_EQ(old->busySeconds, 0.06);
    for (const char* broken : {"", "cpu", "cpu 1 2\ncpu0 1 2\n", "cpu a b c d\ncpu0\n", "cpu 1 2 3 4\n", "nonsense"})
        EXPECT_FALSE(parseProcessorTimes(broken, 100)) << broken;
}

TEST(ProcessorLoad, Others_areAllLessOurselves) {
    const ProcessorTimes begin{2, 10, 1, 100};
    const ProcessorTimes end{2, 16, 4, 104}; // 6 seconds of work in 4, 3 of them ours
    const auto load = otherLoad(begin, end);
    ASSERT_TRUE(load);
    EXPECT_DOUBLE_EQ(load->processors, 0.75);
    EXPECT_EQ(load->of, 2);
    EXPECT_DOUBLE_EQ(otherLoad(begin, {2, 12, 4, 104})->processors, 0); // the system counts more coarsely than we do
    EXPECT_FALSE(otherLoad(begin, {2, 16, 4, 100.1})) << "too short to know";
}

TEST(ProcessorLoad, Pressure_isTheShortAverageOfSome) {
    const char* text = "some avg10=12.50 avg60=1.00 avg300=0.10 total=42\nfull avg10=99.00 avg60=0 avg300=0 total=0\n";
    EXPECT_DOUBLE_EQ(parsePressure(text).value(), 0.125);
    for (const char* broken : {"", "full avg10=1", "some avg10=", "some avg10=x", "some avg60=1"})
        EXPECT_FALSE(parsePressure(broken)) << broken;
}

TEST(ProcessorLoad, Busy_isMoreThanATenth) {
    EXPECT_FALSE(isBusy({}, {}));
    EXPECT_FALSE(isBusy(OtherLoad{0.2, 2}, 0.1));
    EXPECT_TRUE(isBusy(OtherLoad{0.21, 2}, {}));
    EXPECT_TRUE(isBusy(OtherLoad{0, 2}, 0.11));
    EXPECT_FALSE(isBusy(OtherLoad{1.5, 16}, {}));
}

#ifdef __linux__
TEST(ProcessorLoad, ThisMachine_isRead) {
    const auto times = readProcessorTimes();
    ASSERT_TRUE(times);
    EXPECT_GE(times->processors, 1);
    EXPECT_GT(times->busySeconds, 0);
    EXPECT_GT(times->ownSeconds, 0);
}
#endif

} // namespace
} // namespace bathy::device
