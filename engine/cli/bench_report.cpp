#include "engine/cli/bench_report.h"

#include "engine/cli/text.h"

#include <algorithm>

namespace bathy::cli {
namespace {

using Cells = std::vector<std::string>;

const Cells& headings() {
    static const Cells words{"test", "n",   "depth",           "tokens per second",
                             "min",  "max", "bytes per token", "fraction of bandwidth"};
    return words;
}

std::string speedText(double value) {
    return formatFixed(value, value < 100 ? 2 : 1);
}

Cells cellsOf(const BenchReport& report, const BenchRow& row) {
    const auto spread = row.spread();
    const auto fraction = report.fractionOfBandwidth(row);
    return {std::string(evaluate::speedTestName(row.what.test)),
            std::to_string(row.what.n),
            std::to_string(row.what.depth),
            speedText(spread.median),
            speedText(spread.min),
            speedText(spread.max),
            formatGrouped(static_cast<std::uint64_t>(row.bytesPerToken)),
            fraction ? formatFixed(*fraction, 3) : ""};
}

std::string rate(double bytes) {
    return bytes > 0 ? formatFixed(bytes / 1e9, 2) + " GB/s" : "not measured";
}

std::string operations(double flops) {
    return flops > 0 ? formatFixed(flops / 1e9, 1) + " GFLOP/s" : "not measured";
}

// One sentence each.
Cells probeSentences(const BenchReport& report) {
    if (!report.probe)
        return {"Without --probe there is no bandwidth to compare with."};
    const auto& probe = *report.probe;
    Cells lines;
    lines.push_back("Reading memory: " + rate(probe.readCeiling()) + " by all threads, " +
                    rate(probe.readBytesOneThread) + " by one.");
    lines.push_back("Multiplying matrices: " + operations(probe.matrixF32) + " with F32 weights, " +
                    operations(probe.matrixBf16) + " with BF16 (this engine's own product, operands in the caches).");
    if (probe.disk)
        lines.push_back("Reading the disk: " + rate(probe.disk->bytesPerSecond) + " of the model's own files (" +
                        formatBytes(probe.disk->bytes) + ", " + std::to_string(probe.disk->readers) + " reads of " +
                        formatBytes(probe.disk->blockBytes) + " at once, past the system's memory).");
    else
        lines.push_back("Reading the disk: not measured, " + probe.diskMissing + ".");
    if (std::any_of(report.rows.begin(), report.rows.end(),
                    [&](const BenchRow& row) { return report.fractionOfBandwidth(row).value_or(0) > 1; }))
        lines.emplace_back("A fraction above 1: the weights came from the processor's caches, not from memory.");
    return lines;
}

Cells sentences(const BenchReport& report) {
    auto lines = probeSentences(report);
    lines.push_back(report.machine.processor + ", " +
                    counted(static_cast<std::uint64_t>(report.machine.threads), "thread") + ", kernels for " +
                    report.machine.kernels + "; median of " +
                    counted(static_cast<std::uint64_t>(report.repeats), "run") + " after one to warm up; at most " +
                    formatBytes(report.peakMemoryBytes) + " of memory.");
    lines.push_back(loadSentence(report.machine));
    if (report.stopped)
        lines.emplace_back("Stopped early: what was not measured by then is missing.");
    return lines;
}

Json orNull(double value) {
    return value > 0 ? Json(value) : Json(nullptr);
}

Json probeJson(const BenchProbe& probe) {
    Json json{{"read_bytes_per_second", orNull(probe.readCeiling())},
              {"read_bytes_per_second_samples", probe.readBytes},
              {"read_bytes_per_second_one_thread", orNull(probe.readBytesOneThread)},
              {"matrix_flops",
               {{"f32", orNull(probe.matrixF32)},
                {"bf16", orNull(probe.matrixBf16)},
                {"is", "this engine's own matrix product, operands in the caches"}}}};
    if (probe.disk)
        json["disk"] = {{"bytes_per_second", probe.disk->bytesPerSecond},
                        {"bytes", probe.disk->bytes},
                        {"readers", probe.disk->readers},
                        {"block_bytes", probe.disk->blockBytes}};
    else
        json["disk"] = {{"bytes_per_second", nullptr}, {"not_measured", probe.diskMissing}};
    return json;
}

Json machineJson(const BenchMachine& machine) {
    const auto busy = machine.busy();
    Json json{{"processor", machine.processor},
              {"kernels", machine.kernels},
              {"threads", machine.threads},
              {"memory_bytes", machine.memoryBytes},
              {"busy", busy ? Json(*busy) : Json(nullptr)}};
    json["others"] = {{"processors", machine.load ? Json(machine.load->processors) : Json(nullptr)},
                      {"of", machine.load ? Json(machine.load->of) : Json(nullptr)},
                      {"pressure_before", machine.pressure ? Json(*machine.pressure) : Json(nullptr)}};
    json["sentence"] = loadSentence(machine);
    return json;
}

Json rowJson(const BenchReport& report, const BenchRow& row) {
    const auto spread = row.spread();
    const auto fraction = report.fractionOfBandwidth(row);
    return {{"test", evaluate::speedTestName(row.what.test)},
            {"n", row.what.n},
            {"depth", row.what.depth},
            {"tokens_per_second",
             {{"median", spread.median}, {"min", spread.min}, {"max", spread.max}, {"samples", row.samples}}},
            {"bytes_per_token", row.bytesPerToken},
            {"fraction_of_bandwidth", fraction ? Json(*fraction) : Json(nullptr)}};
}

std::string joined(const Cells& cells, std::string_view between) {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i)
        text.append(i > 0 ? between : "").append(cells[i]);
    return text;
}

} // namespace

std::optional<bool> BenchMachine::busy() const {
    if (!load && !pressure)
        return std::nullopt;
    return device::isBusy(load, pressure);
}

std::optional<double> BenchReport::fractionOfBandwidth(const BenchRow& row) const {
    if (!probe || probe->readCeiling() <= 0)
        return std::nullopt;
    return row.bytesPerToken * row.spread().median / probe->readCeiling();
}

std::string loadSentence(const BenchMachine& machine) {
    const auto busy = machine.busy();
    if (!busy)
        return "How busy other programs kept the machine is not known here.";
    std::string text = *busy ? "The machine was busy, these figures are not to be compared" : "The machine was quiet";
    if (machine.load)
        text += ": other programs kept " + formatFixed(machine.load->processors, 2) + " of " +
                counted(static_cast<std::uint64_t>(machine.load->of), "processor") + " at work meanwhile";
    if (machine.pressure)
        text += (machine.load ? ", and before it" : ": before it") + std::string(" something had to wait in ") +
                formatFixed(*machine.pressure * 100, 0) + " % of ten seconds";
    return text + ".";
}

Json benchJson(const BenchReport& report) {
    Json json{{"model", report.model}, {"path", report.path}, {"family", report.family}};
    json["rows"] = Json::array();
    for (const auto& row : report.rows)
        json["rows"].push_back(rowJson(report, row));
    json["probe"] = report.probe ? probeJson(*report.probe) : Json(nullptr);
    json["machine"] = machineJson(report.machine);
    json["settings"] = {{"repeat", report.repeats}, {"chunk", report.chunk}, {"kv_format", report.kvFormat}};
    json["peak_memory_bytes"] = report.peakMemoryBytes;
    json["stopped"] = report.stopped;
    return json;
}

std::vector<std::string> benchLines(const BenchReport& report) {
    std::vector<Cells> rows{headings()};
    for (const auto& row : report.rows)
        rows.push_back(cellsOf(report, row));
    auto lines = formatTable(rows, {1, 2, 3, 4, 5, 6, 7});
    lines.emplace_back();
    for (auto& sentence : sentences(report))
        lines.push_back(std::move(sentence));
    return lines;
}

std::string benchCsv(const BenchReport& report) {
    const auto busy = report.machine.busy();
    const std::string mark = !busy ? "" : *busy ? "true" : "false";
    std::string text = "test,n,depth,tokens_per_second_median,tokens_per_second_min,tokens_per_second_max,"
                       "bytes_per_token,fraction_of_bandwidth,machine_busy\n";
    for (const auto& row : report.rows) {
        const auto spread = row.spread();
        const auto fraction = report.fractionOfBandwidth(row);
        text += joined({std::string(evaluate::speedTestName(row.what.test)), std::to_string(row.what.n),
                        std::to_string(row.what.depth), formatFixed(spread.median, 4), formatFixed(spread.min, 4),
                        formatFixed(spread.max, 4), formatFixed(row.bytesPerToken, 1),
                        fraction ? formatFixed(*fraction, 6) : "", mark},
                       ",") +
                "\n";
    }
    return text;
}

std::string benchMarkdown(const BenchReport& report) {
    std::string text = "Model: `" + report.model + "`\n\n";
    text += "| " + joined(headings(), " | ") + " |\n|---|---:|---:|---:|---:|---:|---:|---:|\n";
    for (const auto& row : report.rows)
        text += "| " + joined(cellsOf(report, row), " | ") + " |\n";
    text += "\n";
    for (const auto& sentence : sentences(report))
        text += "- " + sentence + "\n";
    return text;
}

} // namespace bathy::cli
