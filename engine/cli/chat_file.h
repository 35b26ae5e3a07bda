// Conversations in files: a JSON list of messages as chat APIs write them, or an object with such a list under
// "messages". Known fields: role, content, reasoning_content (or reasoning), documents, task, wo_eos. Pure but for
// reading the file.
#pragma once

#include "engine/base/result.h"
#include "engine/tokenizer/chat_encoding.h"

#include <filesystem>
#include <string_view>
#include <vector>

namespace bathy::cli {

// Errors: NotFound, Io, BadFile (names message and field), Unsupported for tools.
Result<std::vector<tokenizer::Message>> readChatFile(const std::filesystem::path& path);
// The same from text; `name` stands for the file in errors.
Result<std::vector<tokenizer::Message>> parseChat(std::string_view json, std::string_view name);

} // namespace bathy::cli
