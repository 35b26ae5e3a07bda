#include "engine/model/load.h"

#include "engine/base/system_memory.h"
#include "engine/device/cpu/cpu_features.h"
#include "engine/model/deepseek_v4/deepseek_v4.h"

#include <utility>

namespace bathy::model {
namespace {

// Weights may take this share of the memory that is available; the rest is for conversations and other programs.
std::uint64_t memoryForWeights() {
    return systemMemory().availableBytes / 5 * 4;
}

Result<std::shared_ptr<ReadAhead>> warmUp(std::shared_ptr<const checkpoint::Checkpoint> files,
                                          const WeightRanges& ranges, const LoadOptions& options) {
    const auto budget = memoryForWeights();
    BATHY_TRY(const auto read, readWeights(ranges.everyToken, budget, options.progress, options.stop));
    BATHY_CHECK(files->intact());
    return std::make_shared<ReadAhead>(std::move(files), ranges.someTokens, budget - read);
}

} // namespace

Result<LoadedModel> loadModel(const std::filesystem::path& path, const LoadOptions& options) {
    if (!options.pool)
        return Error(ErrorCode::BadArgument, "loading a model needs a thread pool");
    const auto best = device::detectCpuFeatures().bestLevel();
    const auto level = options.cpuLevel.value_or(best);
    if (level > best)
        return Error(ErrorCode::Unsupported,
                     "this processor cannot run the " + std::string(device::cpuLevelName(level)) + " kernels");
    BATHY_TRY(auto openedModel, deepseek_v4::openModel(path, options.stop));
    const auto opened = std::make_shared<const deepseek_v4::OpenedModel>(std::move(openedModel));
    BATHY_TRY(std::shared_ptr<deepseek_v4::DeepseekV4> model,
              deepseek_v4::DeepseekV4::create(opened, *options.pool, level, options.stop));
    LoadedModel loaded{{opened, &opened->checkpoint}, model, nullptr};
    if (options.warmUp == WarmUp::Read) {
        BATHY_TRY(loaded.readAhead, warmUp(loaded.checkpoint, model->weightRanges(), options));
    }
    return loaded;
}

} // namespace bathy::model
