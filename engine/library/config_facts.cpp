#include "engine/library/config_facts.h"

#include "engine/library/quiet_file.h"
#include "engine/library/utf8_name.h"

#include <nlohmann/json.hpp>

namespace bathy::library {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMaxConfigBytes = 4'000'000;

std::string text(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? plainName(found->get_ref<const std::string&>())
                                                       : std::string();
}

} // namespace

ConfigFacts readConfigFacts(const std::filesystem::path& path) {
    ConfigFacts facts;
    const auto content = readQuietly(path, kMaxConfigBytes);
    const auto config = content ? Json::parse(*content, nullptr, false) : Json();
    if (!config.is_object())
        return facts;
    facts.modelType = text(config, "model_type");
    const auto context = config.find("max_position_embeddings");
    if (context != config.end() && context->is_number_unsigned())
        facts.contextLength = static_cast<std::int64_t>(context->get<std::uint64_t>() & 0x7FFF'FFFF'FFFFULL);
    const auto quantisation = config.find("quantization_config");
    if (quantisation != config.end() && quantisation->is_object()) {
        const auto method = upperCase(text(*quantisation, "quant_method"));
        if (method == "GPTQ" || method == "AWQ" || method == "BITSANDBYTES" || method == "HQQ")
            facts.quantisation = method;
        else if (method == "FP8") // the first shard may hold embeddings alone
            facts.quantisation = text(config, "expert_dtype") == "fp4" ? "FP4" : "FP8";
    }
    return facts;
}

} // namespace bathy::library
