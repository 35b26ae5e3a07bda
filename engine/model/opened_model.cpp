#include "engine/model/opened_model.h"

#include "engine/model/config_reader.h"
#include "engine/model/deepseek_v3/open.h"
#include "engine/model/deepseek_v4/open.h"
#include "engine/model/dense/open.h"
#include "engine/model/gguf/adopt.h"
#include "engine/model/scale_check.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace bathy::model {
namespace {

using Opener = Result<std::shared_ptr<const OpenedModel>> (*)(checkpoint::Checkpoint checkpoint);

template <class Opened>
Result<std::shared_ptr<const OpenedModel>> openAs(checkpoint::Checkpoint checkpoint) {
    BATHY_TRY(auto opened, Opened::open(std::move(checkpoint)));
    return std::shared_ptr<const OpenedModel>(std::make_shared<const Opened>(std::move(opened)));
}

struct Family {
    std::string_view modelType;
    Opener open;
};

constexpr std::array kFamilies{
    Family{"deepseek_v4", openAs<deepseek_v4::OpenedModel>},
    Family{"deepseek_v2", openAs<deepseek_v3::OpenedModel>},
    Family{"deepseek_v3", openAs<deepseek_v3::OpenedModel>},
    Family{"deepseek_v32", openAs<deepseek_v3::OpenedModel>},
    Family{"qwen2", openAs<dense::OpenedModel>},
    Family{"qwen3", openAs<dense::OpenedModel>},
    Family{"llama", openAs<dense::OpenedModel>},
};

Result<std::string> modelType(const checkpoint::Checkpoint& checkpoint) {
    const auto json = nlohmann::json::parse(checkpoint.configText(), nullptr, false);
    if (json.is_discarded())
        return Error(ErrorCode::BadFile, "config.json: is not valid JSON");
    if (!json.is_object())
        return Error(ErrorCode::BadFile, "config.json: is not a JSON object");
    return ConfigReader(json, "").string("model_type");
}

Error unknownFamily(const std::string& type) {
    std::string known;
    for (const auto& family : kFamilies)
        known += (known.empty() ? "" : ", ") + std::string(family.modelType);
    return Error(ErrorCode::Unsupported,
                 "config.json: model_type is \"" + type.substr(0, 64) + "\", which this build cannot open",
                 "it opens " + known);
}

} // namespace

Result<std::shared_ptr<const OpenedModel>> openUnchecked(const std::filesystem::path& path,
                                                         const std::stop_token& stop) {
    BATHY_TRY(auto checkpoint, checkpoint::Checkpoint::open(path, stop));
    BATHY_CHECK(gguf::adopt(checkpoint));
    if (checkpoint.configText().empty())
        return Error(ErrorCode::NotFound, checkpoint.folder().string() + " has no config.json",
                     "the weights alone do not say what model they are; put config.json beside them");
    BATHY_TRY(const auto type, modelType(checkpoint));
    const auto family = std::find_if(kFamilies.begin(), kFamilies.end(),
                                     [&](const Family& candidate) { return candidate.modelType == type; });
    if (family == kFamilies.end())
        return unknownFamily(type);
    return family->open(std::move(checkpoint));
}

Result<std::shared_ptr<const OpenedModel>> openModel(const std::filesystem::path& path, const std::stop_token& stop) {
    BATHY_TRY(auto model, openUnchecked(path, stop));
    auto report = model->compare();
    BATHY_CHECK(checkScales(model->files(), ScaleScope::Fp8Blocks, {}, stop, report));
    BATHY_CHECK(model->files().intact());
    if (!report.ok())
        return differences(model->files().name(), report);
    return model;
}

} // namespace bathy::model
