// What `bathy bench` found, in the same words as a JSON document, lines for people, CSV and Markdown. Pure.
#pragma once

#include "engine/cli/bench_probe.h"
#include "engine/cli/io.h"
#include "engine/evaluate/speed.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bathy::cli {

struct BenchRow {
    evaluate::SpeedCase what;
    std::vector<double> samples; // tokens a second, in the order of the runs
    double bytesPerToken = 0;

    evaluate::Spread spread() const { return evaluate::spreadOf(samples); }
};

struct BenchMachine {
    std::string processor;
    std::string kernels; // the level they run at
    int threads = 0;
    std::uint64_t memoryBytes = 0;
    std::optional<device::OtherLoad> load; // of others, during the runs
    std::optional<double> pressure;        // before them

    std::optional<bool> busy() const; // nothing where the system says neither
};

struct BenchReport {
    std::string model;
    std::string path;
    std::string family;
    std::vector<BenchRow> rows;
    std::optional<BenchProbe> probe;
    BenchMachine machine;
    int repeats = 0;
    std::int64_t chunk = 0;
    std::string kvFormat;
    std::uint64_t peakMemoryBytes = 0; // of this process
    bool stopped = false;

    // Share of the measured read rate that the bytes of a token take at the median speed. Nothing without a probe.
    std::optional<double> fractionOfBandwidth(const BenchRow& row) const;
};

Json benchJson(const BenchReport& report);
std::vector<std::string> benchLines(const BenchReport& report);
std::string benchCsv(const BenchReport& report);
std::string benchMarkdown(const BenchReport& report);

// Whether others disturbed the runs, as a sentence.
std::string loadSentence(const BenchMachine& machine);

} // namespace bathy::cli
