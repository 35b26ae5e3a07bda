#include "engine/runtime/memory_planning.h"

#include "engine/base/system_memory.h"
#include "engine/base/thread_pool.h"
#include "engine/library/locate.h"
#include "engine/runtime/conversions.h"

#include <algorithm>
#include <string>

namespace bathy::runtime {
namespace {

Result<void> checkContext(std::int64_t context, std::int64_t limit) {
    if (context >= 0 && context <= limit)
        return {};
    return Error(ErrorCode::BadArgument,
                 "a context of " + std::to_string(context) + " tokens is outside 0.." + std::to_string(limit));
}

void takeFixedParts(const model::MemoryPlan& plan, api::MemoryPlan& answer) {
    answer.kvFormat = plan.kvFormat;
    answer.weightBytes = plan.weightBytes().all;
    answer.weights.clear();
    for (std::size_t i = 0; i < plan.weights.size(); ++i)
        if (plan.weights[i].all > 0)
            answer.weights.push_back({std::string(model::weightKindName(static_cast<model::WeightKind>(i))),
                                      plan.weights[i].all, plan.weights[i].least});
    answer.logitsBytes = plan.logitsBytes;
    answer.programBytes = plan.programBytes;
}

} // namespace

model::MemoryBudget memoryBudget(std::int64_t reserveBytes) {
    const auto available = std::min(systemMemory().availableBytes, memoryLeft());
    return {available,
            reserveBytes < 0 ? model::defaultReserveBytes(available) : static_cast<std::uint64_t>(reserveBytes)};
}

Result<api::MemoryPlan> planMemory(const model::OpenedModel& opened, const api::PlanMemory& command) {
    const model::MemoryPlanner planner(opened);
    const auto& card = planner.card();
    const auto limit = command.options.contextLimit > 0 ? std::min(command.options.contextLimit, card.contextLength)
                                                        : card.contextLength;
    const auto budget = memoryBudget(command.model.reserveBytes);
    api::MemoryPlan answer;
    answer.request = command.request;
    answer.path = command.model.path;
    answer.name = card.name;
    answer.contextLength = card.contextLength;
    answer.memoryTotalBytes = systemMemory().totalBytes;
    answer.memoryAvailableBytes = budget.availableBytes;
    answer.reserveBytes = budget.reserveBytes;
    model::PlanOptions wanted;
    wanted.precision = command.options.precision;
    wanted.kvFormat = command.options.kvFormat;
    wanted.chunk = prefillChunk(command.options);
    wanted.threads = command.model.threads > 0 ? command.model.threads : physicalCoreCount();
    for (const auto context : command.contexts) {
        BATHY_CHECK(checkContext(context, limit));
        wanted.context = context;
        BATHY_TRY(const auto plan, planner.plan(wanted));
        takeFixedParts(plan, answer);
        answer.scratchBytes = std::max(answer.scratchBytes, plan.scratchBytes);
        const auto linear = [&](double perToken) {
            return static_cast<std::uint64_t>(perToken * static_cast<double>(context));
        };
        answer.plans.push_back({context, plan.kv, linear(model::v32BytesPerToken()),
                                linear(model::gqaBytesPerToken(static_cast<int>(card.layers.size()))),
                                plan.scratchBytes});
    }
    return answer;
}

Result<api::MemoryPlan> planMemoryOnDisk(const api::PlanMemory& command, const std::stop_token& stop) {
    BATHY_TRY(const auto path, library::locateModel(command.model.path));
    BATHY_TRY(const auto opened, model::openModel(path, stop));
    return planMemory(*opened, command);
}

} // namespace bathy::runtime
