#include "engine/cli/chat_messages.h"

#include "engine/base/text_file.h"
#include "engine/cli/chat_file.h"

#include <utility>

namespace bathy::cli {

namespace {

constexpr std::uint64_t kLargestDocument = 32ULL << 20U; // a frame of the wire holds two of them

const char* roleName(tokenizer::Role role) {
    switch (role) {
    case tokenizer::Role::System:
        return "system";
    case tokenizer::Role::User:
        return "user";
    case tokenizer::Role::Assistant:
        return "assistant";
    case tokenizer::Role::Developer:
        return "developer";
    case tokenizer::Role::LatestReminder:
        return "latest_reminder";
    }
    return "user";
}

} // namespace

Result<std::vector<api::ChatMessage>> readConversation(const std::filesystem::path& path) {
    BATHY_TRY(auto messages, readChatFile(path));
    std::vector<api::ChatMessage> result;
    for (auto& message : messages) {
        if (message.task != tokenizer::Task::None || message.withoutEnd)
            return Error(ErrorCode::Unsupported,
                         path.string() + ": message " + std::to_string(result.size()) +
                             " has a task or an open end, which a conversation cannot have",
                         "`bathy tokenize --chat` encodes it");
        result.push_back({roleName(message.role), std::move(message.content), std::move(message.reasoning),
                          std::move(message.documents)});
    }
    return result;
}

Json conversationJson(const std::vector<api::ChatMessage>& messages) {
    auto list = Json::array();
    for (const auto& message : messages) {
        Json json{{"role", message.role}, {"content", message.content}};
        if (!message.reasoning.empty())
            json["reasoning_content"] = message.reasoning;
        if (!message.documents.empty())
            json["documents"] = message.documents;
        list.push_back(std::move(json));
    }
    return list;
}

Result<std::string> readDocument(const std::filesystem::path& path) {
    BATHY_TRY(auto text, readTextFile(path, kLargestDocument));
    if (text.find('\0') != std::string::npos)
        return Error(ErrorCode::BadFile, path.string() + ": holds zero bytes, so it is no text",
                     "give a text or Markdown file");
    return text;
}

} // namespace bathy::cli
