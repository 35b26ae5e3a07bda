#include "engine/tokenizer/chat_template.h"

#include <algorithm>

namespace bathy::tokenizer {
namespace {

using jinja::Source;
using jinja::Text;
using jinja::Value;

Source sourceOf(std::size_t message) {
    return static_cast<Source>(std::min<std::size_t>(message + 1, jinja::kMostSources));
}

Result<std::string_view> roleName(const Message& message, std::size_t index) {
    const auto name = "message " + std::to_string(index);
    if (message.role != Role::User && !message.documents.empty())
        return Error(ErrorCode::BadArgument, name + " has documents, but is no user message");
    if (message.task != Task::None)
        return Error(ErrorCode::BadArgument, name + " has a task, which this model's chat format does not know");
    switch (message.role) {
    case Role::System:
        return std::string_view("system");
    case Role::User:
        return std::string_view("user");
    case Role::Assistant:
        return std::string_view("assistant");
    case Role::Developer:
    case Role::LatestReminder:
        break;
    }
    return Error(ErrorCode::BadArgument, name + " has a role that this model's chat format does not know",
                 "system, user or assistant");
}

Result<jinja::Dict> asDict(const Message& message, std::size_t index) {
    BATHY_TRY(const auto role, roleName(message, index));
    std::string content;
    for (const auto& document : message.documents)
        content += document + "\n\n";
    content += message.content;
    jinja::Dict dict;
    dict.message = sourceOf(index);
    dict.set("role", Value(Text(role)));
    dict.set("content", Value(Text(content, dict.message)));
    dict.set("index", Value(static_cast<std::int64_t>(index)));
    if (!message.reasoning.empty())
        dict.set("reasoning_content", Value(Text(message.reasoning, dict.message)));
    return dict;
}

void append(Rendered& rendered, std::string_view text, Special special) {
    if (text.empty())
        return;
    rendered.text += text;
    if (!rendered.pieces.empty() && rendered.pieces.back().special == special)
        rendered.pieces.back().text += text;
    else
        rendered.pieces.push_back({std::string(text), special});
}

void appendCut(Rendered& rendered, const Text& text) {
    for (std::size_t begin = 0; begin < text.bytes.size();) {
        const bool speech = text.sources[begin] != 0;
        auto end = begin + 1;
        while (end < text.bytes.size() && (text.sources[end] != 0) == speech)
            ++end;
        append(rendered, std::string_view(text.bytes).substr(begin, end - begin),
               speech ? Special::Never : Special::Parse);
        begin = end;
    }
}

// Each message goes on to where the next one begins.
std::vector<ByteSpan> spansOf(const std::vector<std::size_t>& begins, std::size_t end) {
    std::vector<ByteSpan> spans(begins.size());
    for (std::size_t i = 0; i < begins.size(); ++i) {
        if (begins[i] == std::string::npos)
            continue;
        auto next = end;
        for (const auto other : begins)
            if (other > begins[i] && other < next)
                next = other;
        spans[i] = {begins[i], next};
    }
    return spans;
}

// The answer goes on with what stands there already.
void goOn(Rendered& rendered, const Message& answer) {
    const auto begin = rendered.text.size();
    std::string_view opened = rendered.text;
    while (opened.ends_with('\n'))
        opened.remove_suffix(1);
    if (opened.ends_with(kThinkBegin)) {
        append(rendered, answer.reasoning, Special::Never);
        append(rendered, "\n" + std::string(kThinkEnd) + "\n\n", Special::Parse);
    }
    append(rendered, answer.content, Special::Never);
    rendered.messages.push_back({begin, rendered.text.size()});
}

} // namespace

Result<Rendered> renderTemplate(const std::vector<Message>& messages, const ChatOptions& options,
                                const ChatTemplate& chat, const std::tm& now) {
    if (options.effort == Effort::High || options.effort == Effort::Max)
        return Error(ErrorCode::Unsupported, "this model's chat format has no reasoning effort",
                     "leave the effort out");
    const bool goesOn = !messages.empty() && messages.back().role == Role::Assistant && messages.back().withoutEnd;
    const auto count = messages.size() - (goesOn ? 1 : 0);
    jinja::List list;
    for (std::size_t i = 0; i < count; ++i) {
        BATHY_TRY(auto dict, asDict(messages[i], i));
        list.emplace_back(std::move(dict));
    }
    const bool thinking = options.thinking == ThinkingMode::Thinking;
    const bool answered = !goesOn && !messages.empty() && messages.back().role == Role::Assistant;
    jinja::Inputs inputs;
    inputs.messages = count;
    inputs.now = now;
    inputs.names.items = {{"messages", Value(std::move(list))},
                          {"add_generation_prompt", Value(!answered)},
                          {"bos_token", Value(Text(chat.beginToken))},
                          {"eos_token", Value(Text(chat.endToken))},
                          {"enable_thinking", Value(thinking)},
                          {"thinking", Value(thinking)},
                          {"tools", Value(Value::None{})},
                          {"documents", Value(Value::None{})}};
    BATHY_TRY(const auto output, chat.program.render(inputs));
    Rendered rendered;
    appendCut(rendered, output.text);
    rendered.messages = spansOf(output.begins, rendered.text.size());
    if (goesOn)
        goOn(rendered, messages.back());
    return rendered;
}

} // namespace bathy::tokenizer
