// What a command is to read: a prompt, a conversation or tokens, and documents. Main thread.
#pragma once

#include "engine/api/commands.h"
#include "engine/base/result.h"
#include "engine/cli/sampling_arguments.h"

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace bathy::cli {

struct PromptArguments {
    std::string text;
    std::string chat;
    std::string tokensFile;
    std::vector<std::string> documents;
    bool raw = false;

    bool given() const { return !text.empty() || !chat.empty() || !tokensFile.empty() || !documents.empty(); }
    // Errors: those of the files that are named; BadArgument.
    Result<api::Prompt> prompt(const GenerationArguments& generation) const;
};

enum class PromptNeeded : bool { No, Yes };

// Adds the options; `arguments` must outlive the parse. Sets the command's parse_complete_callback where one is needed.
void addPromptArguments(CLI::App& command, PromptArguments& arguments, PromptNeeded needed);

} // namespace bathy::cli
