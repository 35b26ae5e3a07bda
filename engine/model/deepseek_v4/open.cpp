#include "engine/model/deepseek_v4/open.h"

#include "engine/model/deepseek_v4/names.h"
#include "engine/model/deepseek_v4/scale_check.h"
#include "engine/model/gguf/adopt.h"

namespace bathy::model::deepseek_v4 {
namespace {

// One error for all differences; a page of them is enough to see what is wrong.
Error differences(const std::string& name, const SpecReport& report) {
    constexpr std::size_t kShown = 20;
    std::string text = name + ": the tensors do not match config.json: ";
    for (std::size_t i = 0; i < report.problems.size() && i < kShown; ++i)
        text += (i ? "; " : "") + report.problems[i];
    if (report.problemCount > kShown)
        text += "; and " + std::to_string(report.problemCount - kShown) + " more";
    return Error(ErrorCode::BadFile, text, "`bathy verify` lists every difference");
}

} // namespace

Result<OpenedModel> openUnchecked(const std::filesystem::path& path, const std::stop_token& stop) {
    BATHY_TRY(auto checkpoint, checkpoint::Checkpoint::open(path, stop));
    BATHY_CHECK(gguf::adopt(checkpoint));
    if (checkpoint.configText().empty())
        return Error(ErrorCode::NotFound, checkpoint.folder().string() + " has no config.json",
                     "the weights alone do not say what model they are; put config.json beside them");
    BATHY_TRY(auto config, parseConfig(checkpoint.configText()));
    BATHY_CHECK(addRawNames(checkpoint));
    const auto draft = findDraftStages(checkpoint);
    return OpenedModel{std::move(checkpoint), std::move(config), draft};
}

Result<OpenedModel> openModel(const std::filesystem::path& path, const std::stop_token& stop) {
    BATHY_TRY(auto model, openUnchecked(path, stop));
    auto report = compareTensors(model.checkpoint, model.config, model.draft);
    BATHY_CHECK(checkScales(model.checkpoint, ScaleScope::Fp8Blocks, {}, stop, report));
    BATHY_CHECK(model.checkpoint.intact());
    if (!report.ok())
        return differences(model.checkpoint.name(), report);
    return model;
}

} // namespace bathy::model::deepseek_v4
