#include "engine/cli/fit_report.h"

#include "engine/base/system_memory.h"
#include "engine/base/thread_pool.h"
#include "engine/cli/kv_format_argument.h"
#include "engine/cli/text.h"
#include "engine/device/registry.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace bathy::cli {
namespace {

struct Part {
    const char* group;
    std::string name;
    std::uint64_t bytes = 0;
    std::uint64_t least = 0;
};

const char* kvPartName(telemetry::KvPart part) {
    constexpr const char* kNames[telemetry::kKvPartCount] = {
        "window",      "sparse entries", "index keys",      "heavy entries", "compressor state",
        "checkpoints", "latents",        "keys and values", "draft window",
    };
    return kNames[static_cast<std::size_t>(part)];
}

std::vector<Part> partsOf(const model::MemoryPlan& plan) {
    std::vector<Part> parts;
    for (std::size_t i = 0; i < plan.weights.size(); ++i)
        if (plan.weights[i].all > 0)
            parts.push_back({"weights", std::string(model::weightKindName(static_cast<model::WeightKind>(i))),
                             plan.weights[i].all, plan.weights[i].least});
    for (std::size_t i = 0; i < plan.kv.parts.size(); ++i)
        if (const auto bytes = plan.kv.parts[i]; bytes > 0)
            parts.push_back({"kv", kvPartName(static_cast<telemetry::KvPart>(i)), bytes, bytes});
    parts.push_back({"scratch", "work space of a step", plan.scratchBytes, plan.scratchBytes});
    parts.push_back({"logits", "logits", plan.logitsBytes, plan.logitsBytes});
    parts.push_back({"program", "program and small tensors", plan.programBytes, plan.programBytes});
    return parts;
}

const char* verdictName(const DeviceFit& device) {
    if (!device.usable)
        return "not_usable";
    switch (device.fit.verdict) {
    case model::FitVerdict::Fits:
        return "fits";
    case model::FitVerdict::FitsInPart:
        return "fits_in_part";
    case model::FitVerdict::TooLarge:
        break;
    }
    return "too_large";
}

std::string fitLine(const FitReport& report, const DeviceFit& device) {
    if (!device.usable)
        return device.device + ": " + device.reason;
    const auto& fit = device.fit;
    const auto memory = formatBytes(device.budget.availableBytes) + " of " + formatBytes(device.totalBytes) +
                        " are available, " + formatBytes(device.budget.reserveBytes) + " of them kept back";
    const auto needs = "needs " + formatBytes(report.plan.allBytes()) + " (predicted), " + memory;
    switch (fit.verdict) {
    case model::FitVerdict::Fits:
        return device.device + ": fits: " + needs;
    case model::FitVerdict::FitsInPart:
        return device.device + ": fits in part, experts are read from the disk again and again: " + needs + ": " +
               formatBytes(fit.missingBytes) + " are missing, one token needs " + formatBytes(report.plan.leastBytes());
    case model::FitVerdict::TooLarge:
        break;
    }
    return device.device + ": does not fit: " + needs + ": " + formatBytes(fit.missingBytes) +
           " are missing; one token needs " + formatBytes(report.plan.leastBytes()) + ", and of that " +
           formatBytes(fit.leastMissing) + " are missing";
}

} // namespace

void addPlanArguments(CLI::App& command, PlanArguments& arguments) {
    command.add_option("--context", arguments.context, "Plan for a conversation of so many tokens; 0: 4,096")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 40));
    addKvFormatArgument(command, arguments.kvFormat);
    command.add_option("--chunk", arguments.chunk, "Tokens of the prompt that a step takes")
        ->check(CLI::Range(1, 1 << 20))
        ->capture_default_str();
}

Result<FitReport> reportFit(const model::OpenedModel& opened, const PlanArguments& arguments,
                            const GlobalOptions& options) {
    model::PlanOptions wanted;
    const model::MemoryPlanner planner(opened);
    wanted.context = arguments.context > 0 ? arguments.context : std::min(wanted.context, planner.card().contextLength);
    wanted.kvFormat = kvFormatOf(arguments.kvFormat);
    wanted.precision = wanted.kvFormat == KvFormat::F32 ? Precision::Exact : Precision::Fast;
    wanted.chunk = arguments.chunk;
    wanted.threads = options.threads > 0 ? options.threads : physicalCoreCount();
    FitReport report;
    BATHY_TRY(report.plan, planner.plan(wanted));
    report.chunk = wanted.chunk;
    report.threads = wanted.threads;
    for (const auto& info : device::listDevices()) {
        DeviceFit device{info.id, info.usable, info.reason, info.memoryBytes, {}, {}};
        const auto available =
            info.backend == "cpu" ? std::min(memoryLeft(), systemMemory().availableBytes) : info.memoryBytes;
        device.budget = {available, options.reserveBytes.value_or(model::defaultReserveBytes(available))};
        device.fit = model::judgeFit(report.plan, device.budget);
        report.devices.push_back(std::move(device));
    }
    return report;
}

std::string planTitle(const FitReport& report) {
    return "Memory at " + formatGrouped(static_cast<std::uint64_t>(report.plan.context)) + " tokens (predicted), " +
           kvFormatName(report.plan.kvFormat) + " rows, steps of " + std::to_string(report.chunk) + " tokens, " +
           counted(static_cast<std::uint64_t>(report.threads), "thread");
}

std::vector<std::vector<std::string>> planTable(const FitReport& report) {
    std::vector<std::vector<std::string>> rows{{"part", "all", "for one token"}};
    for (const auto& part : partsOf(report.plan))
        rows.push_back({part.name, formatGrouped(part.bytes), formatGrouped(part.least)});
    rows.push_back({"total", formatGrouped(report.plan.allBytes()), formatGrouped(report.plan.leastBytes())});
    if (report.plan.unreadBytes > 0)
        rows.push_back({"on disk, never read", formatGrouped(report.plan.unreadBytes), "0"});
    return rows;
}

std::vector<std::string> fitLines(const FitReport& report) {
    std::vector<std::string> lines;
    for (const auto& device : report.devices)
        lines.push_back(fitLine(report, device));
    return lines;
}

Json planJson(const FitReport& report) {
    auto parts = Json::array();
    for (const auto& part : partsOf(report.plan))
        parts.push_back({{"group", part.group}, {"name", part.name}, {"bytes", part.bytes}, {"least", part.least}});
    return {{"context", report.plan.context},
            {"kv_format", kvFormatName(report.plan.kvFormat)},
            {"chunk", report.chunk},
            {"threads", report.threads},
            {"parts", std::move(parts)},
            {"total", report.plan.allBytes()},
            {"least", report.plan.leastBytes()},
            {"never_read", report.plan.unreadBytes}};
}

Json fitJson(const FitReport& report) {
    auto list = Json::array();
    for (const auto& device : report.devices)
        list.push_back({{"device", device.device},
                        {"usable", device.usable},
                        {"reason", device.reason},
                        {"memory_total", device.totalBytes},
                        {"memory_available", device.budget.availableBytes},
                        {"reserve", device.budget.reserveBytes},
                        {"needed", report.plan.allBytes()},
                        {"needed_least", report.plan.leastBytes()},
                        {"missing", device.fit.missingBytes},
                        {"missing_least", device.fit.leastMissing},
                        {"context", report.plan.context},
                        {"verdict", verdictName(device)},
                        {"fits", device.usable && device.fit.verdict == model::FitVerdict::Fits}});
    return list;
}

} // namespace bathy::cli
