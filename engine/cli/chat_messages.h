// Conversations of files as the front door takes them, and the other way round. Pure functions but for reading files.
#pragma once

#include "engine/api/options.h"
#include "engine/base/result.h"
#include "engine/cli/io.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bathy::cli {

// Errors: those of readChatFile; Unsupported for messages with a task or an open end.
Result<std::vector<api::ChatMessage>> readConversation(const std::filesystem::path& path);
Json conversationJson(const std::vector<api::ChatMessage>& messages);
// A whole text file. Errors: NotFound, Io, BadFile (too large, or bytes that are no text).
Result<std::string> readDocument(const std::filesystem::path& path);

} // namespace bathy::cli
