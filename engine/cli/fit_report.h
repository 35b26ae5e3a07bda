// What a model would take of the memory, part by part, and whether each device has it: for `bathy info`.
#pragma once

#include "engine/cli/io.h"
#include "engine/model/memory_fit.h"

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace bathy::cli {

struct PlanArguments {
    std::int64_t context = 0; // 0: 4,096, or the model's own where that is less
    std::string kvFormat = "auto";
    int chunk = 512;
};
void addPlanArguments(CLI::App& command, PlanArguments& arguments);

struct DeviceFit {
    std::string device;
    bool usable = false;
    std::string reason; // why the device is not usable
    std::uint64_t totalBytes = 0;
    model::MemoryBudget budget;
    model::MemoryFit fit;
};

struct FitReport {
    model::MemoryPlan plan;
    int chunk = 0;
    int threads = 0;
    std::vector<DeviceFit> devices;
};

// Errors: those of model::MemoryPlanner::plan.
Result<FitReport> reportFit(const model::OpenedModel& opened, const PlanArguments& arguments,
                            const GlobalOptions& options);

std::string planTitle(const FitReport& report);
std::vector<std::vector<std::string>> planTable(const FitReport& report); // part, bytes, bytes at least
std::vector<std::string> fitLines(const FitReport& report);               // one sentence a device
Json planJson(const FitReport& report);
Json fitJson(const FitReport& report);

} // namespace bathy::cli
