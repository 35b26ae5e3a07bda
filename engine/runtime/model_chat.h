// How a model is talked to, from wherever its files say so: chat_template.jinja, tokenizer_config.json, or the metadata
// of a GGUF file. Any thread.
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/tokenizer/chat_format.h"

#include <filesystem>
#include <string>

namespace bathy::runtime {

// The text of the chat template, empty when there is none that can be read.
std::string chatTemplateOf(const checkpoint::Checkpoint& checkpoint);

// `checkpoint` has been opened by its family. Never fails: see chooseChatFormat.
tokenizer::ChatFormat loadChatFormat(const checkpoint::Checkpoint& checkpoint, const tokenizer::Tokenizer& tokenizer);
// The same for a folder that may hold a tokenizer and no weights.
tokenizer::ChatFormat loadChatFormat(const std::filesystem::path& folder, const tokenizer::Tokenizer& tokenizer);

} // namespace bathy::runtime
