// The same findings as JSON, lines, CSV and Markdown.
#include "engine/cli/bench_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bathy::cli {
namespace {

using evaluate::SpeedTest;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

BenchReport reportOf() {
    BenchReport report;
    report.model = "m";
    report.rows = {{{SpeedTest::Prefill, 512, 0}, {100, 300, 200}, 1e6},
                   {{SpeedTest::Decode, 64, 4096}, {20, 10}, 2e6}};
    report.machine.processor = "A processor";
    report.machine.kernels = "avx2";
    report.machine.threads = 2;
    report.repeats = 3;
    return report;
}

BenchReport probed() {
    auto report = reportOf();
    report.probe = BenchProbe{{0.5e9, 1e9}, 0.4e9, 3e9, 0, std::nullopt, "it lies in memory"};
    return report;
}

std::string linesOf(const BenchReport& report) {
    std::string text;
    for (const auto& line : benchLines(report))
        text += line + "\n";
    return text;
}

TEST(BenchReport, Fraction_isBytesTimesSpeedOverTheBestReading) {
    const auto report = probed();
    EXPECT_DOUBLE_EQ(report.fractionOfBandwidth(report.rows[0]).value(), 1e6 * 200 / 1e9);
    EXPECT_DOUBLE_EQ(report.fractionOfBandwidth(report.rows[1]).value(), 2e6 * 15 / 1e9);
    EXPECT_FALSE(reportOf().fractionOfBandwidth(report.rows[0])) << "without a probe nothing is known";
    auto stopped = report;
    stopped.probe->readBytes = {0};
    EXPECT_FALSE(stopped.fractionOfBandwidth(report.rows[0]));
}

TEST(BenchReport, Json_hasWhatTheContractNames) {
    const auto json = benchJson(probed());
    const auto& row = json["rows"][0];
    EXPECT_EQ(row["test"], "prefill");
    EXPECT_EQ(row["n"], 512);
    EXPECT_EQ(row["depth"], 0);
    EXPECT_EQ(row["tokens_per_second"]["median"], 200);
    EXPECT_EQ(row["tokens_per_second"]["min"], 100);
    EXPECT_EQ(row["tokens_per_second"]["max"], 300);
    EXPECT_EQ(row["tokens_per_second"]["samples"], Json::parse("[100.0, 300.0, 200.0]"));
    EXPECT_EQ(row["bytes_per_token"], 1e6);
    EXPECT_NEAR(row["fraction_of_bandwidth"].get<double>(), 0.2, 1e-12);
    EXPECT_EQ(json["rows"][1]["test"], "decode");
    EXPECT_EQ(json["probe"]["read_bytes_per_second"], 1e9);
    EXPECT_TRUE(json["probe"]["matrix_flops"]["bf16"].is_null());
    EXPECT_EQ(json["probe"]["disk"]["not_measured"], "it lies in memory");
    EXPECT_TRUE(json["machine"]["busy"].is_null());
    EXPECT_TRUE(benchJson(reportOf())["probe"].is_null());
    EXPECT_TRUE(benchJson(reportOf())["rows"][0]["fraction_of_bandwidth"].is_null());
}

TEST(BenchReport, Busy_isSaidEverywhere) {
    auto report = probed();
    report.machine.load = device::OtherLoad{1.25, 2};
    report.machine.pressure = 0.03;
    EXPECT_EQ(benchJson(report)["machine"]["busy"], true);
    EXPECT_EQ(benchJson(report)["machine"]["others"]["processors"], 1.25);
    EXPECT_THAT(linesOf(report), HasSubstr("The machine was busy, these figures are not to be compared: other programs "
                                           "kept 1.25 of 2 processors at work meanwhile, and before it something had "
                                           "to wait in 3 % of ten seconds."));
    EXPECT_THAT(benchMarkdown(report), HasSubstr("- The machine was busy"));
    EXPECT_THAT(benchCsv(report), EndsWith(",true\n"));
    report.machine.load->processors = 0.02;
    EXPECT_EQ(benchJson(report)["machine"]["busy"], false);
    EXPECT_THAT(linesOf(report), HasSubstr("The machine was quiet: other programs kept 0.02 of 2"));
    EXPECT_THAT(benchCsv(report), EndsWith(",false\n"));
    report.machine.load.reset(); // too short to know
    EXPECT_THAT(linesOf(report), HasSubstr("The machine was quiet: before it something had to wait in 3 %"));
    EXPECT_THAT(linesOf(probed()), HasSubstr("is not known here"));
}

TEST(BenchReport, Lines_areATableAndSentences) {
    const auto text = linesOf(probed());
    EXPECT_THAT(text, HasSubstr("test       n  depth  tokens per second"));
    EXPECT_THAT(text, HasSubstr("prefill  512      0"));
    EXPECT_THAT(text, HasSubstr("Reading memory: 1.00 GB/s by all threads, 0.40 GB/s by one."));
    EXPECT_THAT(text, HasSubstr("3.0 GFLOP/s with F32 weights, not measured with BF16"));
    EXPECT_THAT(text, HasSubstr("Reading the disk: not measured, it lies in memory."));
    EXPECT_THAT(text, Not(HasSubstr("Stopped early")));
    EXPECT_THAT(text, Not(HasSubstr("above 1")));
    auto cached = probed();
    cached.rows[0].bytesPerToken = 1e8; // at 200 tokens a second 20 times what memory gives
    EXPECT_THAT(linesOf(cached), HasSubstr("A fraction above 1"));
    EXPECT_THAT(linesOf(reportOf()), HasSubstr("Without --probe"));
    auto stopped = reportOf();
    stopped.stopped = true;
    stopped.rows.clear();
    EXPECT_THAT(linesOf(stopped), HasSubstr("Stopped early"));
}

TEST(BenchReport, CsvAndMarkdown_haveOneLineARow) {
    EXPECT_EQ(benchCsv(probed()),
              "test,n,depth,tokens_per_second_median,tokens_per_second_min,tokens_per_second_max,bytes_per_token,"
              "fraction_of_bandwidth,machine_busy\n"
              "prefill,512,0,200.0000,100.0000,300.0000,1000000.0,0.200000,\n"
              "decode,64,4096,15.0000,10.0000,20.0000,2000000.0,0.030000,\n");
    EXPECT_THAT(benchMarkdown(probed()),
                HasSubstr("| decode | 64 | 4096 | 15.00 | 10.00 | 20.00 | 2,000,000 | 0.030 |"));
}

TEST(BenchProbe, BusyMachine_isRefusedInOneSentence) {
    EXPECT_TRUE(requireQuiet({}));
    EXPECT_TRUE(requireQuiet({device::OtherLoad{0.1, 2}, 0.05}));
    const auto refused = requireQuiet({device::OtherLoad{1.34, 2}, 0.45});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::Busy);
    EXPECT_EQ(refused.error().what(),
              "the machine is busy: other programs keep 1.3 of 2 processors at work, and in 45 % "
              "of the last ten seconds something had to wait");
    EXPECT_THAT(refused.error().hint(), HasSubstr("--force"));
}

} // namespace
} // namespace bathy::cli
