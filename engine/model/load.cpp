#include "engine/model/load.h"

#include "engine/base/system_memory.h"
#include "engine/device/cpu/cpu_features.h"
#include "engine/model/deepseek_v3/deepseek_v3.h"
#include "engine/model/deepseek_v4/deepseek_v4.h"
#include "engine/model/dense/dense.h"
#include "engine/model/memory_fit.h"

#include <algorithm>
#include <utility>

namespace bathy::model {
namespace {

// Weights may take this share of the memory that is available; the rest is for conversations and other programs.
std::uint64_t memoryForWeights() {
    return systemMemory().availableBytes / 5 * 4;
}

Result<std::shared_ptr<ReadAhead>> warmUp(const std::shared_ptr<const OpenedModel>& opened, const WeightRanges& ranges,
                                          const LoadOptions& options) {
    const auto budget = memoryForWeights();
    BATHY_TRY(const auto read, readWeights(ranges.everyToken, budget, options.progress, options.stop));
    BATHY_CHECK(opened->files().intact());
    return std::make_shared<ReadAhead>(std::shared_ptr<const checkpoint::Checkpoint>(opened, &opened->files()),
                                       ranges.someTokens, budget - read);
}

// With a conversation of the length that a plan takes by default.
Result<void> checkFit(const OpenedModel& opened, const LoadOptions& options) {
    if (options.force)
        return {};
    const MemoryPlanner planner(opened);
    PlanOptions wanted;
    wanted.context = std::min(wanted.context, planner.card().contextLength);
    wanted.threads = options.pool->threadCount();
    BATHY_TRY(const auto plan, planner.plan(wanted));
    const auto available = memoryLeft();
    return requireFit(planner.card().name, plan,
                      {available, options.reserveBytes.value_or(defaultReserveBytes(available))});
}

// Binds the weights of one family and reads them where that is asked for.
template <class FamilyModel, class Opened>
Result<LoadedModel> bind(const std::shared_ptr<const Opened>& opened, device::CpuLevel level,
                         const LoadOptions& options) {
    BATHY_TRY(std::shared_ptr<FamilyModel> model, FamilyModel::create(opened, *options.pool, level, options.stop));
    LoadedModel loaded{opened, model, nullptr};
    if (options.warmUp == WarmUp::Read) {
        BATHY_TRY(loaded.readAhead, warmUp(opened, model->weightRanges(), options));
    }
    return loaded;
}

} // namespace

Result<LoadedModel> loadModel(const std::shared_ptr<const OpenedModel>& opened, const LoadOptions& options) {
    if (!options.pool)
        return Error(ErrorCode::BadArgument, "loading a model needs a thread pool");
    const auto best = device::detectCpuFeatures().bestLevel();
    const auto level = options.cpuLevel.value_or(best);
    if (level > best)
        return Error(ErrorCode::Unsupported,
                     "this processor cannot run the " + std::string(device::cpuLevelName(level)) + " kernels");
    BATHY_CHECK(checkFit(*opened, options));
    if (const auto v4 = std::dynamic_pointer_cast<const deepseek_v4::OpenedModel>(opened))
        return bind<deepseek_v4::DeepseekV4>(v4, level, options);
    if (const auto v3 = std::dynamic_pointer_cast<const deepseek_v3::OpenedModel>(opened))
        return bind<deepseek_v3::DeepseekV3>(v3, level, options);
    if (const auto dense = std::dynamic_pointer_cast<const dense::OpenedModel>(opened))
        return bind<dense::Dense>(dense, level, options);
    return Error(ErrorCode::Internal, "no forward pass for the family of this checkpoint");
}

Result<LoadedModel> loadModel(const std::filesystem::path& path, const LoadOptions& options) {
    BATHY_TRY(const auto opened, openModel(path, options.stop));
    return loadModel(opened, options);
}

} // namespace bathy::model
