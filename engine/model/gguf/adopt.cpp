#include "engine/model/gguf/adopt.h"

#include "engine/checkpoint/tensor_directory.h"
#include "engine/model/gguf/config.h"
#include "engine/model/gguf/names.h"

namespace bathy::model::gguf {
namespace {

struct Architecture {
    std::string_view name;
    Result<nlohmann::json> (*config)(const KeyReader&);
    const NameTable& (*names)();
};

constexpr Architecture kArchitectures[] = {
    {"deepseek4", deepseek4Config, deepseek4Names},
    {"deepseek2", mlaConfig, mlaNames},
    {"deepseek32", mlaConfig, mlaNames},
    {"qwen2", denseConfig, denseNames},
    {"qwen3", denseConfig, denseNames},
    {"llama", denseConfig, denseNames},
};

// A template is run for every message; no published one is a tenth of this.
constexpr std::size_t kMaxTemplateBytes = 256 << 10;

} // namespace

Result<void> adopt(checkpoint::Checkpoint& checkpoint) {
    const auto* metadata = checkpoint.metadata();
    if (!metadata)
        return {};
    BATHY_TRY(const auto name, metadata->string("general.architecture", 256));
    BATHY_CHECK(metadata->string("tokenizer.chat_template", kMaxTemplateBytes, ""));
    std::string known;
    for (const auto& architecture : kArchitectures) {
        if (architecture.name != name) {
            known.append(known.empty() ? "" : ", ").append(architecture.name);
            continue;
        }
        BATHY_TRY(const auto config, architecture.config(KeyReader(checkpoint, std::string(name))));
        checkpoint.setConfigText(config.dump());
        return addNames(checkpoint, architecture.names());
    }
    return Error(ErrorCode::Unsupported, metadata->fileName() + ": general.architecture is " +
                                             checkpoint::quotedName(name) + ", known are " + known);
}

} // namespace bathy::model::gguf
