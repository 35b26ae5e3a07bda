#include "engine/model/load.h"

#include "engine/device/cpu/cpu_features.h"
#include "engine/model/deepseek_v4/deepseek_v4.h"
#include "engine/model/warm_up.h"

namespace bathy::model {

Result<LoadedModel> loadModel(const std::filesystem::path& path, const LoadOptions& options) {
    if (!options.pool)
        return Error(ErrorCode::BadArgument, "loading a model needs a thread pool");
    const auto best = device::detectCpuFeatures().bestLevel();
    const auto level = options.cpuLevel.value_or(best);
    if (level > best)
        return Error(ErrorCode::Unsupported,
                     "this processor cannot run the " + std::string(device::cpuLevelName(level)) + " kernels");
    BATHY_TRY(auto openedModel, deepseek_v4::openModel(path));
    const auto opened = std::make_shared<const deepseek_v4::OpenedModel>(std::move(openedModel));
    if (options.stop.stop_requested())
        return cancelled();
    BATHY_TRY(std::shared_ptr<deepseek_v4::DeepseekV4> model,
              deepseek_v4::DeepseekV4::create(opened, *options.pool, level));
    if (options.warmUp == WarmUp::Read)
        BATHY_CHECK(warmUp(model->weightRanges(), options.progress, options.stop));
    return LoadedModel{{opened, &opened->checkpoint}, model};
}

} // namespace bathy::model
