#include "engine/cli/model_loading.h"

#include "engine/cli/model_argument.h"
#include "engine/cli/progress.h"

namespace bathy::cli {

Result<runtime::LoadedModel> loadWithProgress(const Io& io, const std::string& model) {
    Progress bar(io, "loading", ProgressUnit::Bytes);
    return runtime::loadModelFromDisk(
        modelOptions(model, io.options()), [&](std::uint64_t done, std::uint64_t total) { bar.update(done, total); },
        io.stop());
}

} // namespace bathy::cli
