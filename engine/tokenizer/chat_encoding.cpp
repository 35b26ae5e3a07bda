#include "engine/tokenizer/chat_encoding.h"

#include <algorithm>
#include <array>
#include <optional>

namespace bathy::tokenizer {
namespace {

struct Block {
    std::string_view text;
    std::size_t source; // message it comes from
};

// A message of the format: neighbouring user messages have become the blocks of one (specification 6.3, pre-pass 1).
struct Turn {
    const Message* message; // the first one: role, reasoning, task and end count from it
    std::size_t source;
    std::vector<Block> blocks;

    bool isUserLike() const { return message->role == Role::User || message->role == Role::Developer; }
};

std::string_view taskToken(Task task) {
    switch (task) {
    case Task::None:
        return "";
    case Task::Action:
        return "<｜action｜>";
    case Task::Query:
        return "<｜query｜>";
    case Task::Authority:
        return "<｜authority｜>";
    case Task::Domain:
        return "<｜domain｜>";
    case Task::Title:
        return "<｜title｜>";
    case Task::ReadUrl:
        return "<｜read_url｜>";
    }
    return "";
}

void addBlocks(Turn& turn, const Message& message, std::size_t source) {
    for (const auto& document : message.documents)
        turn.blocks.push_back({document, source});
    if (!message.content.empty() || message.documents.empty())
        turn.blocks.push_back({message.content, source});
}

Result<std::vector<Turn>> mergeTurns(const std::vector<Message>& messages) {
    std::vector<Turn> turns;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto& message = messages[i];
        const auto name = "message " + std::to_string(i);
        if (message.role != Role::User && !message.documents.empty())
            return Error(ErrorCode::BadArgument, name + " has documents, but is no user message");
        if (message.role == Role::Developer && message.content.empty())
            return Error(ErrorCode::BadArgument, name + " is a developer message without content");
        const bool joins = message.role == Role::User && !turns.empty() && turns.back().message->role == Role::User &&
                           turns.back().message->task == Task::None;
        if (!joins)
            turns.push_back({&message, i, {}});
        addBlocks(turns.back(), message, i);
    }
    return turns;
}

std::ptrdiff_t lastUserIndex(const std::vector<Turn>& turns) {
    const auto last = std::find_if(turns.rbegin(), turns.rend(), [](const Turn& turn) { return turn.isUserLike(); });
    return turns.rend() - last - 1;
}

// Pre-pass 4: developer messages from before the last question are not shown again.
void dropOldDeveloperTurns(std::vector<Turn>& turns) {
    const auto last = lastUserIndex(turns);
    if (last > 0)
        turns.erase(std::remove_if(turns.begin(), turns.begin() + last,
                                   [](const Turn& turn) { return turn.message->role == Role::Developer; }),
                    turns.begin() + last);
}

Result<std::string_view> effortPrefix(const ChatOptions& options, const ChatConstants& constants) {
    if (options.thinking == ThinkingMode::Chat || options.effort == Effort::Default || options.effort == Effort::Low)
        return std::string_view();
    // With the sentence of the 0731 release, "high" is what "max" was in the preview (specification 6.5).
    const bool preview = constants.effortAbsoluteMaximum && !constants.effortBeyondMaximum;
    if (preview && options.effort == Effort::High)
        return std::string_view();
    const auto& sentence =
        options.effort == Effort::Max && !preview ? constants.effortBeyondMaximum : constants.effortAbsoluteMaximum;
    if (!sentence)
        return Error(ErrorCode::Unsupported,
                     std::string("reasoning effort ") + (options.effort == Effort::Max ? "max" : "high") +
                         " is not available: " + constants.missingReason,
                     "leave the effort out, or fetch the checkpoint's encoding folder");
    return std::string_view(*sentence);
}

class Renderer {
public:
    Renderer(const std::vector<Turn>& turns, const ChatOptions& options, std::size_t messageCount)
        : m_turns(turns), m_options(options), m_lastUser(lastUserIndex(turns)) {
        m_result.messages.resize(messageCount);
    }

    Rendered run(std::string_view prefix) {
        marker(kBeginOfSentence);
        if (!m_turns.empty())
            plain(prefix);
        for (std::size_t i = 0; i < m_turns.size(); ++i) {
            enter(m_turns[i].source);
            body(i);
            transition(i);
        }
        leave();
        return std::move(m_result);
    }

private:
    bool isThinking() const { return m_options.thinking == ThinkingMode::Thinking; }
    // Whether the turn belongs to what is thought about now, so that its reasoning stays.
    bool keepsReasoning(std::size_t index) const {
        return isThinking() && (!m_options.dropThinking || static_cast<std::ptrdiff_t>(index) >= m_lastUser);
    }

    void body(std::size_t index) {
        const auto& message = *m_turns[index].message;
        switch (message.role) {
        case Role::System:
            break;
        case Role::User:
        case Role::Developer:
            marker(kUser);
            break;
        case Role::LatestReminder:
            marker(kLatestReminder);
            break;
        case Role::Assistant:
            if (keepsReasoning(index) && (index == 0 || m_turns[index - 1].message->task == Task::None)) {
                plain(message.reasoning);
                marker(kThinkEnd);
            }
            break;
        }
        blocks(m_turns[index]);
        if (message.role == Role::Assistant && !message.withoutEnd)
            marker(kEndOfSentence);
    }

    void blocks(const Turn& turn) {
        for (std::size_t i = 0; i < turn.blocks.size(); ++i) {
            if (turn.blocks[i].source != m_current)
                enter(turn.blocks[i].source);
            if (i > 0)
                plain("\n\n");
            plain(turn.blocks[i].text);
        }
    }

    void transition(std::size_t index) {
        const auto& turn = m_turns[index];
        if (index + 1 < m_turns.size()) {
            const auto next = m_turns[index + 1].message->role;
            if (next != Role::Assistant && next != Role::LatestReminder)
                return;
        }
        const auto task = turn.message->task;
        if (task == Task::None && !turn.isUserLike())
            return;
        if (task == Task::None || task == Task::Action) {
            marker(kAssistant);
            const bool thinks = task == Task::Action ? isThinking() : keepsReasoning(index);
            marker(thinks ? kThinkBegin : kThinkEnd);
        }
        if (task != Task::None)
            marker(taskToken(task));
    }

    void marker(std::string_view text) {
        m_result.text += text;
        m_result.pieces.push_back({std::string(text), Special::Parse});
    }
    void plain(std::string_view text) {
        if (text.empty())
            return;
        m_result.text += text;
        auto& pieces = m_result.pieces;
        if (!pieces.empty() && pieces.back().special == Special::Never)
            pieces.back().text += text;
        else
            pieces.push_back({std::string(text), Special::Never});
    }

    void enter(std::size_t source) {
        leave();
        m_current = source;
        m_result.messages[source].begin = m_result.text.size();
    }
    void leave() {
        if (m_current)
            m_result.messages[*m_current].end = m_result.text.size();
    }

    const std::vector<Turn>& m_turns;
    const ChatOptions& m_options;
    std::ptrdiff_t m_lastUser; // -1: none
    std::optional<std::size_t> m_current;
    Rendered m_result;
};

template <class Value>
struct Named {
    std::string_view name;
    Value value;
};

template <class Value, std::size_t count>
Result<Value> byName(const std::array<Named<Value>, count>& table, std::string_view name, std::string_view what) {
    std::string known;
    for (const auto& entry : table) {
        if (entry.name == name)
            return entry.value;
        if (!entry.name.empty())
            known += (known.empty() ? "" : ", ") + std::string(entry.name);
    }
    return Error(ErrorCode::BadArgument, "unknown " + std::string(what) + " \"" + std::string(name) + "\"",
                 "one of " + known);
}

} // namespace

Result<Role> roleFromName(std::string_view name) {
    static constexpr std::array<Named<Role>, 5> kRoles{{{"system", Role::System},
                                                        {"user", Role::User},
                                                        {"assistant", Role::Assistant},
                                                        {"developer", Role::Developer},
                                                        {"latest_reminder", Role::LatestReminder}}};
    return byName(kRoles, name, "role");
}

Result<Task> taskFromName(std::string_view name) {
    static constexpr std::array<Named<Task>, 7> kTasks{{{"", Task::None},
                                                        {"action", Task::Action},
                                                        {"query", Task::Query},
                                                        {"authority", Task::Authority},
                                                        {"domain", Task::Domain},
                                                        {"title", Task::Title},
                                                        {"read_url", Task::ReadUrl}}};
    return byName(kTasks, name, "task");
}

Result<Effort> effortFromName(std::string_view name) {
    static constexpr std::array<Named<Effort>, 4> kEfforts{
        {{"", Effort::Default}, {"low", Effort::Low}, {"high", Effort::High}, {"max", Effort::Max}}};
    return byName(kEfforts, name, "effort");
}

Result<Rendered> render(const std::vector<Message>& messages, const ChatOptions& options,
                        const ChatConstants& constants) {
    BATHY_TRY(const auto prefix, effortPrefix(options, constants));
    BATHY_TRY(auto turns, mergeTurns(messages));
    if (options.thinking == ThinkingMode::Thinking && options.dropThinking)
        dropOldDeveloperTurns(turns);
    return Renderer(turns, options, messages.size()).run(prefix);
}

} // namespace bathy::tokenizer
