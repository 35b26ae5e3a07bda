#include "engine/cli/chat_file.h"

#include "engine/base/text_file.h"

#include <nlohmann/json.hpp>

namespace bathy::cli {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMaxFileBytes = 256ULL << 20U;

Error bad(const std::string& field, const std::string& problem) {
    return Error(ErrorCode::BadFile, field + " " + problem,
                 "a list of {\"role\": \"user\", \"content\": \"...\"} is expected");
}

// Empty when the field is missing or null.
Result<std::string> textOf(const Json& message, const char* key, const std::string& where) {
    const auto it = message.find(key);
    if (it == message.end() || it->is_null())
        return std::string();
    if (!it->is_string())
        return bad(where + "." + key, "is no text");
    return it->get<std::string>();
}

Result<std::vector<std::string>> documentsOf(const Json& message, const std::string& where) {
    std::vector<std::string> documents;
    const auto it = message.find("documents");
    if (it == message.end() || it->is_null())
        return documents;
    if (!it->is_array())
        return bad(where + ".documents", "is no list");
    for (const auto& document : *it) {
        if (!document.is_string())
            return bad(where + ".documents", "holds something that is no text");
        documents.push_back(document.get<std::string>());
    }
    return documents;
}

Result<tokenizer::Message> messageOf(const Json& json, const std::string& where) {
    if (!json.is_object())
        return bad(where, "is no object");
    for (const char* key : {"tools", "tool_calls", "tool_call_id", "response_format"})
        if (const auto it = json.find(key); it != json.end() && !it->is_null() && !it->empty())
            return Error(ErrorCode::Unsupported,
                         where + "." + key + ": this version encodes conversations without tools");
    tokenizer::Message message;
    BATHY_TRY(const auto role, textOf(json, "role", where));
    BATHY_TRY(const auto task, textOf(json, "task", where));
    auto knownRole = tokenizer::roleFromName(role);
    if (!knownRole)
        return Error(ErrorCode::BadFile, where + ".role: " + knownRole.error().what(), knownRole.error().hint());
    auto knownTask = tokenizer::taskFromName(task);
    if (!knownTask)
        return Error(ErrorCode::BadFile, where + ".task: " + knownTask.error().what(), knownTask.error().hint());
    message.role = *knownRole;
    message.task = *knownTask;
    BATHY_TRY(message.content, textOf(json, "content", where));
    BATHY_TRY(message.reasoning, textOf(json, json.contains("reasoning") ? "reasoning" : "reasoning_content", where));
    BATHY_TRY(message.documents, documentsOf(json, where));
    if (const auto it = json.find("wo_eos"); it != json.end()) {
        if (!it->is_boolean())
            return bad(where + ".wo_eos", "is neither true nor false");
        message.withoutEnd = it->get<bool>();
    }
    return message;
}

} // namespace

Result<std::vector<tokenizer::Message>> parseChat(std::string_view json, std::string_view name) {
    const auto root = Json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
    if (root.is_discarded())
        return bad(std::string(name), "is no JSON");
    const bool wrapped = root.is_object() && root.contains("messages");
    const auto& list = wrapped ? root["messages"] : root;
    if (!list.is_array())
        return bad(std::string(name), "holds no list of messages");
    std::vector<tokenizer::Message> messages;
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto message = messageOf(list[i], "message " + std::to_string(i));
        if (!message)
            return std::move(message).error().withContext(name);
        messages.push_back(std::move(*message));
    }
    return messages;
}

Result<std::vector<tokenizer::Message>> readChatFile(const std::filesystem::path& path) {
    BATHY_TRY(const auto text, readTextFile(path, kMaxFileBytes));
    return parseChat(text, path.string());
}

} // namespace bathy::cli
