// The way a model is talked to: DeepSeek-V4's own encoder, the model's chat template, or a template known here for
// models that bring none. Immutable after it was chosen, any thread.
#pragma once

#include "engine/tokenizer/chat_template.h"

#include <memory>

namespace bathy::tokenizer {

struct ChatFormat {
    std::string name;                         // "deepseek_v4", "template", "qwen3", ...; empty: not known
    std::string problem;                      // why, where it is not known
    ChatConstants constants;                  // of deepseek_v4
    std::shared_ptr<const ChatTemplate> chat; // of all others
};

// What a model's files say about it. All may be empty.
struct ChatSources {
    std::string modelType; // config.json
    std::string source;    // the template
    std::string beginToken;
    std::string endToken;
    std::filesystem::path folder; // where deepseek_v4 keeps its encoding
};

// Never fails: what cannot be read is a format that is not known, with the reason.
ChatFormat chooseChatFormat(const Tokenizer& tokenizer, const ChatSources& sources);

// Unsupported with the reason, where the format is not known: a conversation in another model's format gets wrong
// answers.
Result<void> requireChatFormat(const ChatFormat& format);

// Errors: those of requireChatFormat, render and renderTemplate; BadFile when the tokenizer lacks a token that the
// format needs; those of encodePieces.
Result<EncodedChat> encodeChat(const Tokenizer& tokenizer, const std::vector<Message>& messages,
                               const ChatOptions& options, const ChatFormat& format);

} // namespace bathy::tokenizer
