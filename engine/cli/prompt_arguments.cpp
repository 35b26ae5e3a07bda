#include "engine/cli/prompt_arguments.h"

#include "engine/cli/chat_messages.h"
#include "engine/cli/token_list.h"

#include <CLI/CLI.hpp>

namespace bathy::cli {

Result<api::Prompt> PromptArguments::prompt(const GenerationArguments& generation) const {
    std::vector<std::string> texts;
    for (const auto& path : documents) {
        BATHY_TRY(auto content, readDocument(path));
        texts.push_back(std::move(content));
    }
    if (!tokensFile.empty()) {
        BATHY_TRY(auto tokens, readTokenFile(tokensFile));
        return api::Prompt(api::TokenPrompt{std::move(tokens)});
    }
    if (raw) {
        if (!texts.empty() || !chat.empty())
            return Error(ErrorCode::BadArgument, "--raw takes a --prompt alone");
        return api::Prompt(api::TextPrompt{text, true});
    }
    api::ChatPrompt conversation;
    BATHY_TRY(conversation.options, generation.chatOptions());
    if (chat.empty()) {
        conversation.messages.push_back({"user", text, "", {}});
    } else {
        BATHY_TRY(conversation.messages, readConversation(chat));
    }
    if (texts.empty())
        return api::Prompt(std::move(conversation));
    if (conversation.messages.empty() || conversation.messages.back().role != "user")
        return Error(ErrorCode::BadArgument, "--document belongs to a user's message, and the last one is none");
    conversation.messages.back().documents = std::move(texts);
    return api::Prompt(std::move(conversation));
}

void addPromptArguments(CLI::App& command, PromptArguments& arguments, PromptNeeded needed) {
    auto* prompt = command.add_option("-p,--prompt", arguments.text, "What the user says");
    auto* chat = command.add_option("--chat", arguments.chat, "A conversation as JSON messages");
    auto* tokens = command.add_option("--tokens-file", arguments.tokensFile,
                                      "A JSON array of token ids to continue; needs no tokenizer");
    prompt->excludes(chat);
    tokens->excludes(prompt)->excludes(chat);
    auto* documents = command.add_option("--document", arguments.documents,
                                         "A text file put before the prompt; more than one is fine");
    command.add_flag("--raw", arguments.raw, "Continue the prompt as it stands; special tokens in it count")
        ->needs(prompt);
    if (needed == PromptNeeded::Yes)
        command.parse_complete_callback([prompt, chat, tokens, documents] {
            if (prompt->count() + chat->count() + tokens->count() + documents->count() == 0)
                throw CLI::RequiredError("--prompt, --document, --chat or --tokens-file");
        });
}

} // namespace bathy::cli
