#include "engine/cli/text.h"

#include "engine/cli/glob.h"
#include "engine/cli/progress.h"

#include <gtest/gtest.h>

using namespace bathy::cli;

TEST(CliText, numbers_readAsPeopleWriteThem) {
    EXPECT_EQ(formatBytes(1023), "1023 B");
    EXPECT_EQ(formatBytes(1536), "1.50 KiB");
    EXPECT_EQ(formatBytes(159'609'485'896), "148.6 GiB");
    EXPECT_EQ(formatBillions(284'331'000'000), "284.33B");
    EXPECT_EQ(formatBillions(1'572'997'000'000), "1573.0B");
    EXPECT_EQ(formatBillions(4'400'000), "4.40M");
    EXPECT_EQ(formatGrouped(0), "0");
    EXPECT_EQ(formatGrouped(999), "999");
    EXPECT_EQ(formatGrouped(1000), "1,000");
    EXPECT_EQ(formatGrouped(159'609'485'896), "159,609,485,896");
    EXPECT_EQ(formatDuration(0.4), "0:00");
    EXPECT_EQ(formatDuration(67), "1:07");
    EXPECT_EQ(formatDuration(3723), "1:02:03");
    EXPECT_EQ(counted(1, "file"), "1 file");
    EXPECT_EQ(counted(1234, "tensor"), "1,234 tensors");
}

TEST(CliText, table_alignsColumnsWithoutTrailingSpace) {
    EXPECT_EQ(formatTable({{"name", "n"}, {"a", "10"}, {"long name", "9"}}, {1}),
              (std::vector<std::string>{"name        n", "a          10", "long name   9"}));
    EXPECT_EQ(formatTable({{"x", ""}}), std::vector<std::string>{"x"});
}

TEST(CliText, glob_matchesWholeNames) {
    EXPECT_TRUE(matchesGlob("layers.0.attn.wq_a.weight", "*wq_a*"));
    EXPECT_TRUE(matchesGlob("layers.0.attn", "layers.?.attn"));
    EXPECT_FALSE(matchesGlob("layers.10.attn", "layers.?.attn"));
    EXPECT_FALSE(matchesGlob("layers.0.attn.x", "layers.0.attn"));
    EXPECT_TRUE(matchesGlob("", "*"));
    EXPECT_FALSE(matchesGlob("", "?"));
    EXPECT_FALSE(matchesGlob(std::string(50'000, 'a'), "*a*a*a*a*a*a*a*a*b"));
}

TEST(CliProgress, line_hasShareRateAndTimeLeft) {
    EXPECT_EQ(progressText("writing", ProgressUnit::Bytes, 3 << 20, 12 << 20, 3),
              "writing  25% ######------------------  1.00 MiB/s  0:09 left");
    EXPECT_EQ(progressText("prefill", ProgressUnit::Tokens, 50, 0, 2), "prefill  50.0 tokens  25.0 tokens/s");
    EXPECT_EQ(progressText("x", ProgressUnit::Items, 0, 10, 0), "x   0% ------------------------  0.0/s");
}
