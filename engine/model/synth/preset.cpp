#include "engine/model/synth/preset.h"

#include "engine/base/text_file.h"
#include "engine/model/deepseek_v3/tensor_spec.h"
#include "engine/model/deepseek_v4/tensor_spec.h"
#include "engine/model/dense/tensor_spec.h"
#include "engine/model/synth/published_configs.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace bathy::model::synth {
namespace {

struct NamedConfig {
    std::string_view name;
    Json (*config)();
    Weights weights;
};

constexpr NamedConfig kPresets[] = {
    {"v4-flash", v4FlashConfig, Weights::Published},
    {"v4-pro", v4ProConfig, Weights::Published},
    {"v3", v3Config, Weights::Published},
    {"v32", v32Config, Weights::Published},
    {"v2-lite", v2LiteConfig, Weights::Published},
    {"r1-qwen-1.5b", r1Qwen15bConfig, Weights::Published},
    {"r1-qwen-7b", r1Qwen7bConfig, Weights::Published},
    {"r1-llama-8b", r1Llama8bConfig, Weights::Published},
    {"tiny-v4", tinyV4Config, Weights::Rule},
    {"tiny-v4b", tinyV4bConfig, Weights::Rule},
    {"tiny-v3", tinyV3Config, Weights::Published},
    {"tiny-v32", tinyV32Config, Weights::Published},
    {"tiny-qwen2", tinyQwen2Config, Weights::Published},
    {"tiny-qwen3", tinyQwen3Config, Weights::Published},
    {"tiny-llama", tinyLlamaConfig, Weights::Published},
};

Result<void> useV4(const std::string& configJson, Preset& preset) {
    using namespace deepseek_v4;
    BATHY_TRY(const auto config, parseConfig(configJson));
    const auto stages = config.draftLayersDeclared;
    preset.visit = [config, stages](const TensorVisitor& visit) {
        visitMainTensors(config, visit);
        visitDraftTensors(config, {stages ? DraftKind::Mtp : DraftKind::None, stages}, visit);
    };
    preset.quant = config.quant;
    preset.fp8 = Fp8Form::PowerScales;
    preset.hashPicks = config.expertsPerToken;
    preset.experts = config.routedExperts;
    return {};
}

Result<void> useV3(const std::string& configJson, Preset& preset) {
    BATHY_TRY(const auto config, deepseek_v3::parseConfig(configJson));
    preset.visit = [config](const TensorVisitor& visit) {
        deepseek_v3::visitTensors(config, false, visit);
        deepseek_v3::visitDraftTensors(config, visit);
    };
    preset.quant = config.quant;
    preset.fp8 = Json::parse(configJson).contains("quantization_config") ? Fp8Form::InverseNamed : Fp8Form::None;
    preset.experts = config.router.experts;
    return {};
}

Result<void> useDense(const std::string& configJson, Preset& preset) {
    BATHY_TRY(const auto config, dense::parseConfig(configJson));
    preset.visit = [config](const TensorVisitor& visit) { dense::visitTensors(config, visit); };
    preset.fp8 = Fp8Form::None;
    return {};
}

Result<Json> readConfig(std::string_view path) {
    BATHY_TRY(const auto text, readTextFile(std::filesystem::path(path), 4'000'000));
    auto json = Json::parse(text, nullptr, false);
    if (json.is_discarded() || !json.is_object())
        return Error(ErrorCode::BadFile, std::string(path) + ": is not a JSON object");
    return json;
}

Result<void> cutLayers(Json& config, int layers) {
    const auto all = config.value("num_hidden_layers", 0);
    if (layers < 1 || layers > all)
        return Error(ErrorCode::BadArgument,
                     "--layers is " + std::to_string(layers) + ", outside 1 to " + std::to_string(all));
    config["num_hidden_layers"] = layers;
    if (config.contains("first_k_dense_replace"))
        config["first_k_dense_replace"] = std::min(config.value("first_k_dense_replace", 0), layers);
    if (!config.contains("compress_ratios"))
        return {};
    auto& ratios = config["compress_ratios"];
    if (ratios.is_array() && ratios.size() > static_cast<std::size_t>(layers)) {
        ratios.erase(ratios.begin() + layers, ratios.end());
        ratios.push_back(0); // the draft layer's
    }
    return {};
}

Error unknownPreset(std::string_view name) {
    std::string known;
    for (const auto& preset : kPresets)
        known += (known.empty() ? "" : ", ") + std::string(preset.name);
    return {ErrorCode::BadArgument, "there is no preset \"" + std::string(name.substr(0, 64)) + "\"",
            "presets are " + known + "; a config.json or a checkpoint's folder works as well"};
}

struct Source {
    Json config;
    Weights weights{};
};

Result<Source> findConfig(std::string_view name) {
    const auto named =
        std::find_if(std::begin(kPresets), std::end(kPresets), [&](const auto& preset) { return preset.name == name; });
    if (named != std::end(kPresets))
        return Source{named->config(), named->weights};
    if (name.find(".json") != std::string_view::npos) {
        BATHY_TRY(auto config, readConfig(name));
        return Source{std::move(config), Weights::Rule};
    }
    std::error_code ec;
    if (std::filesystem::is_directory(name, ec)) {
        BATHY_TRY(auto config, readConfig((std::filesystem::path(name) / "config.json").string()));
        const auto weights = config.contains("quantization_config") ? Weights::Published : Weights::Rule;
        return Source{std::move(config), weights};
    }
    return unknownPreset(name);
}

} // namespace

std::vector<std::string_view> presetNames() {
    std::vector<std::string_view> names;
    for (const auto& preset : kPresets)
        names.push_back(preset.name);
    return names;
}

Result<Preset> presetOf(std::string configJson, Weights weights) {
    Preset preset;
    preset.configJson = std::move(configJson);
    preset.weights = weights;
    const auto json = Json::parse(preset.configJson, nullptr, false);
    if (json.is_discarded() || !json.is_object())
        return Error(ErrorCode::BadFile, "config.json: is not a JSON object");
    const auto& type = json.contains("model_type") ? json["model_type"] : Json();
    if (!type.is_string())
        return Error(ErrorCode::BadFile, "config.json: model_type is missing");
    // The family refuses what it does not know.
    const bool isDeepseek = type.get<std::string>().starts_with("deepseek");
    const auto use = type == "deepseek_v4" ? useV4 : isDeepseek ? useV3 : useDense;
    BATHY_CHECK(use(preset.configJson, preset));
    return preset;
}

Result<Preset> makePreset(std::string_view name, const Overrides& overrides) {
    BATHY_TRY(auto source, findConfig(name));
    if (overrides.layers)
        BATHY_CHECK(cutLayers(source.config, *overrides.layers));
    if (overrides.experts) {
        if (!source.config.contains("n_routed_experts"))
            return Error(ErrorCode::BadArgument, "--experts: this model has none");
        source.config["n_routed_experts"] = *overrides.experts;
    }
    auto preset = presetOf(source.config.dump(2) + "\n", source.weights);
    if (!preset && overrides.experts) // the preset itself is sound, so the override is to blame
        return Error(ErrorCode::BadArgument, preset.error().what(), "choose another number of experts");
    return preset;
}

} // namespace bathy::model::synth
