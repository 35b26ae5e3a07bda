// bathy bench: how fast a model takes in prompts and makes tokens here, beside what the machine could do.
#include "engine/base/system_memory.h"
#include "engine/base/text_file.h"
#include "engine/cli/bench_report.h"
#include "engine/cli/commands.h"
#include "engine/cli/kv_format_argument.h"
#include "engine/cli/model_argument.h"
#include "engine/cli/model_loading.h"
#include "engine/cli/progress.h"
#include "engine/cli/read_bandwidth.h"
#include "engine/device/cpu/cpu_features.h"
#include "engine/library/locate.h"
#include "engine/model/reads.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

namespace bathy::cli {
namespace {

constexpr std::int64_t kMostTokens = std::int64_t{1} << 40;

struct Options {
    std::string model;
    evaluate::SpeedSweep sweep;
    bool probe = false;
    bool force = false;
    std::string out;
    bool prefillGiven = false;
    bool decodeGiven = false;
};

// ".json", ".csv" or ".md": what --out may end with.
std::string wrongOutName(const std::string& name) {
    const auto ending = std::filesystem::path(name).extension();
    return ending == ".json" || ending == ".csv" || ending == ".md" ? "" : "it must end with .json, .csv or .md";
}

Result<void> save(const std::filesystem::path& file, const BenchReport& report) {
    const auto ending = file.extension();
    return writeFileAtomically(file, ending == ".json"  ? benchJson(report).dump(2) + "\n"
                                     : ending == ".csv" ? benchCsv(report)
                                                        : benchMarkdown(report));
}

BenchMachine describeMachine(const runtime::LoadedModel& loaded, const std::optional<double>& pressure) {
    const auto features = device::detectCpuFeatures();
    BenchMachine machine;
    machine.processor = features.brand.empty() ? "processor" : features.brand;
    machine.kernels = device::cpuLevelName(features.bestLevel());
    machine.threads = loaded.pool->threadCount();
    machine.memoryBytes = systemMemory().totalBytes;
    machine.pressure = pressure;
    return machine;
}

std::vector<BenchRow> rowsOf(const evaluate::SpeedResult& result, const model::OpenedModel& opened) {
    const auto weights = model::weightReads(opened);
    const auto facts = opened.describe();
    std::vector<BenchRow> rows;
    for (const auto& row : result.rows) {
        const auto kvBytes = [&](const model::TokenPass& pass) {
            return model::kvBytesRead(opened, facts, result.kvFormat, pass);
        };
        rows.push_back({row.what, row.tokensPerSecond, evaluate::bytesPerToken(row, weights, kvBytes)});
    }
    return rows;
}

Result<evaluate::SpeedResult> measure(const Io& io, model::Model& model, const evaluate::SpeedSweep& sweep) {
    Progress bar(io, "measuring", ProgressUnit::Tokens);
    evaluate::SpeedOptions options;
    options.progress = [&](std::int64_t done, std::int64_t total) {
        bar.update(static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(total));
    };
    options.stop = io.stop();
    return evaluate::measureSpeed(model, sweep, options);
}

// Probe, runs, probe; how busy others were is looked at over the runs.
Result<void> measureAll(const Io& io, const Options& options, runtime::LoadedModel& loaded,
                        const model::OpenedModel& opened, BenchReport& report) {
    loaded.readAhead.reset(); // what a run needs, the one that warms up reads; nobody else may be reading meanwhile
    if (options.probe) {
        std::vector<std::filesystem::path> files;
        for (const auto& shard : opened.files().shards())
            files.push_back(shard.path);
        report.probe = probeMachine(*loaded.pool, files, io.stop());
    }
    forgetPeakMemory();
    const auto begin = device::readProcessorTimes();
    BATHY_TRY(const auto result, measure(io, *loaded.model, options.sweep));
    const auto end = device::readProcessorTimes();
    report.peakMemoryBytes = processMemory().peakResidentBytes;
    if (begin && end)
        report.machine.load = device::otherLoad(*begin, *end);
    if (report.probe && !result.stopped)
        report.probe->readBytes.push_back(measureReadBandwidth(*loaded.pool, io.stop()));
    report.rows = rowsOf(result, opened);
    report.kvFormat = kvFormatName(result.kvFormat);
    report.stopped = result.stopped;
    return {};
}

Result<int> run(Io& io, const Options& options) {
    Quiet seen{std::nullopt, device::processorPressure()};
    if (!options.force) {
        seen = lookForOthers(io.stop());
        if (io.stop().stop_requested())
            return cancelled();
        BATHY_CHECK(requireQuiet(seen));
    }
    BATHY_TRY(const auto path, library::locateModel(options.model));
    BATHY_TRY(const auto opened, model::openModel(path, io.stop()));
    BATHY_CHECK(evaluate::checkSweep(options.sweep, opened->describe().contextLength));
    BATHY_TRY(auto loaded, loadWithProgress(io, options.model));
    BenchReport report;
    report.model = loaded.card.name;
    report.path = loaded.card.path;
    report.family = loaded.card.family;
    report.machine = describeMachine(loaded, seen.pressure);
    report.repeats = options.sweep.repeats;
    report.chunk = options.sweep.chunk;
    BATHY_CHECK(measureAll(io, options, loaded, *opened, report));
    for (const auto& line : benchLines(report))
        io.line(line);
    io.document(benchJson(report));
    if (!options.out.empty())
        BATHY_CHECK(save(options.out, report));
    return report.stopped ? exitCode(ErrorCode::Cancelled) : 0;
}

// A length that was asked for alone is measured alone.
evaluate::SpeedSweep asked(const Options& options) {
    auto sweep = options.sweep;
    if (options.prefillGiven && !options.decodeGiven)
        sweep.decode.clear();
    if (options.decodeGiven && !options.prefillGiven)
        sweep.prefill.clear();
    return sweep;
}

} // namespace

void addBench(Commands& commands) {
    auto options = std::make_shared<Options>();
    auto& command =
        commands.add("bench", "Measure prefill and decode speed at several depths of context", [options](Io& io) {
            auto given = *options;
            given.sweep = asked(*options);
            return run(io, given);
        });
    addModelArgument(command, options->model);
    auto& sweep = options->sweep;
    const auto lengths = [&](const char* name, std::vector<std::int64_t>& values, const char* help, bool& given) {
        command.add_option(name, values, help)
            ->delimiter(',')
            ->check(CLI::Range(std::int64_t{1}, kMostTokens))
            ->capture_default_str()
            ->each([&given](const std::string&) { given = true; });
    };
    lengths("--pp", sweep.prefill, "Prompt lengths: tokens taken in at once; without --tg nothing else is measured",
            options->prefillGiven);
    lengths("--tg", sweep.decode, "Answer lengths: tokens made one by one; without --pp nothing else is measured",
            options->decodeGiven);
    command.add_option("--depth", sweep.depths, "Tokens already in the context")
        ->delimiter(',')
        ->check(CLI::Range(std::int64_t{0}, kMostTokens))
        ->capture_default_str();
    command.add_option("--repeat", sweep.repeats, "Runs of each that count, after one that warms up")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    command.add_option("--chunk", sweep.chunk, "Tokens of a prefill step")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20))
        ->capture_default_str();
    command.add_flag("--probe", options->probe,
                     "Measure what the machine can do in the same run: memory, matrices, disk");
    command.add_flag("--force", options->force, "Go on while other programs keep the machine busy; the result says so");
    command.add_option("--out", options->out, "Also write the result to a .json, .csv or .md file")
        ->check(CLI::Validator(wrongOutName, "FILE.json|.csv|.md"));
}

} // namespace bathy::cli
