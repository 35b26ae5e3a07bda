#include "engine/runtime/model_chat.h"

#include "engine/base/text_file.h"

#include <nlohmann/json.hpp>

namespace fs = std::filesystem;

namespace bathy::runtime {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMostConfigBytes = 16 << 20;

Json readJson(const fs::path& path) {
    const auto text = readTextFile(path, kMostConfigBytes);
    auto json = text ? Json::parse(*text, nullptr, false) : Json();
    return json.is_object() ? json : Json::object();
}

std::string stringOf(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The template in a file of its own wins over the one in tokenizer_config.json; a list of templates has a "default".
std::string folderTemplate(const fs::path& folder, const Json& config) {
    if (auto own = readTextFile(folder / "chat_template.jinja", tokenizer::jinja::kMostTemplateBytes))
        return *std::move(own);
    const auto found = config.find("chat_template");
    if (found == config.end() || !found->is_array())
        return stringOf(config, "chat_template");
    for (const auto& entry : *found)
        if (entry.is_object() && stringOf(entry, "name") == "default")
            return stringOf(entry, "template");
    return {};
}

// bos_token and eos_token are strings, or objects with the content of the token.
std::string tokenText(const Json& config, const char* name) {
    const auto found = config.find(name);
    return found != config.end() && found->is_object() ? stringOf(*found, "content") : stringOf(config, name);
}

std::string tokenOf(const Json& model, const char* name, const tokenizer::Tokenizer& tokenizer) {
    const auto found = model.find(name);
    if (found == model.end())
        return {};
    const auto& id = found->is_array() && !found->empty() ? found->front() : *found;
    const auto most = static_cast<std::uint64_t>(tokenizer.vocabularySize());
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= most)
        return {};
    return std::string(tokenizer.tokenBytes(TokenId{id.get<std::int32_t>()}));
}

tokenizer::ChatFormat choose(const fs::path& folder, const Json& model, std::string source,
                             const tokenizer::Tokenizer& tokenizer, const Json& config) {
    tokenizer::ChatSources sources;
    sources.modelType = stringOf(model, "model_type");
    sources.source = std::move(source);
    // The tokenizer's own word counts: some models' config.json names a begin token that they were not trained with.
    sources.beginToken = tokenText(config, "bos_token");
    sources.endToken = tokenText(config, "eos_token");
    if (sources.beginToken.empty())
        sources.beginToken = tokenOf(model, "bos_token_id", tokenizer);
    if (sources.endToken.empty())
        sources.endToken = tokenOf(model, "eos_token_id", tokenizer);
    sources.folder = folder;
    return tokenizer::chooseChatFormat(tokenizer, sources);
}

} // namespace

std::string chatTemplateOf(const checkpoint::Checkpoint& checkpoint) {
    const auto* metadata = checkpoint.metadata();
    if (!metadata)
        return folderTemplate(checkpoint.folder(), readJson(checkpoint.folder() / "tokenizer_config.json"));
    const auto found = metadata->string("tokenizer.chat_template", tokenizer::jinja::kMostTemplateBytes, "");
    return found ? std::string(*found) : std::string();
}

tokenizer::ChatFormat loadChatFormat(const checkpoint::Checkpoint& checkpoint, const tokenizer::Tokenizer& tokenizer) {
    auto model = Json::parse(checkpoint.configText(), nullptr, false);
    if (!model.is_object())
        model = Json::object();
    const auto config =
        checkpoint.metadata() ? Json::object() : readJson(checkpoint.folder() / "tokenizer_config.json");
    return choose(checkpoint.folder(), model, chatTemplateOf(checkpoint), tokenizer, config);
}

tokenizer::ChatFormat loadChatFormat(const fs::path& folder, const tokenizer::Tokenizer& tokenizer) {
    const auto config = readJson(folder / "tokenizer_config.json");
    return choose(folder, readJson(folder / "config.json"), folderTemplate(folder, config), tokenizer, config);
}

} // namespace bathy::runtime
