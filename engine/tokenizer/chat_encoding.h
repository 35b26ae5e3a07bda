// The DeepSeek-V4 prompt format: a conversation becomes one text and its tokens (specification 6.3 to 6.5, without
// tools). What people wrote is kept apart from the markers, so that no message can forge one. Pure functions.
#pragma once

#include "engine/tokenizer/chat_constants.h"
#include "engine/tokenizer/tokenizer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::tokenizer {

// Added tokens of the format.
inline constexpr std::string_view kBeginOfSentence = "<｜begin▁of▁sentence｜>";
inline constexpr std::string_view kEndOfSentence = "<｜end▁of▁sentence｜>";
inline constexpr std::string_view kUser = "<｜User｜>";
inline constexpr std::string_view kAssistant = "<｜Assistant｜>";
inline constexpr std::string_view kLatestReminder = "<｜latest_reminder｜>";
inline constexpr std::string_view kThinkBegin = "<think>";
inline constexpr std::string_view kThinkEnd = "</think>";

enum class Role : std::uint8_t { System, User, Assistant, Developer, LatestReminder };
// Small side jobs the model was trained for; the task token stands where an answer would begin.
enum class Task : std::uint8_t { None, Action, Query, Authority, Domain, Title, ReadUrl };
enum class ThinkingMode : std::uint8_t { Chat, Thinking };
// Default is no prefix. Which sentence High and Max stand for depends on the release (specification 6.5).
enum class Effort : std::uint8_t { Default, Low, High, Max };

struct Message {
    Role role = Role::User;
    std::string content;
    std::string reasoning;              // assistant only
    std::vector<std::string> documents; // user only: blocks before the content
    Task task = Task::None;
    bool withoutEnd = false; // assistant only: no end-of-sentence token, so that the model goes on with this text
};

struct ChatOptions {
    ThinkingMode thinking = ThinkingMode::Chat;
    Effort effort = Effort::Default; // only read in thinking mode
    bool dropThinking = true;        // leave out reasoning from before the last user message
};

struct Rendered {
    std::string text;
    std::vector<Piece> pieces;      // joined they are `text`
    std::vector<ByteSpan> messages; // one for each message given: its text and what follows it up to the next one;
                                    // empty (begin == end) for one that was left out
};

// Half-open range of tokens.
struct TokenRange {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    bool operator==(const TokenRange&) const = default;
};

struct EncodedChat {
    Rendered rendered;
    Encoding encoding;
    std::vector<TokenRange> messages; // as Rendered::messages; a token belongs to the message where it begins
};

// Errors: BadArgument for an unknown name.
Result<Role> roleFromName(std::string_view name);     // "system", "latest_reminder", ...
Result<Task> taskFromName(std::string_view name);     // "" is None; "action", "read_url", ...
Result<Effort> effortFromName(std::string_view name); // "" is Default; "low", "high", "max"

// Errors: BadArgument for a developer message without content or documents outside a user message; Unsupported when the
// effort needs a sentence that `constants` lacks (with the reason).
Result<Rendered> render(const std::vector<Message>& messages, const ChatOptions& options,
                        const ChatConstants& constants);

} // namespace bathy::tokenizer
