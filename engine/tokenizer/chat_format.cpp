#include "engine/tokenizer/chat_format.h"

#include "engine/tokenizer/chat_layouts.h"

#include <algorithm>
#include <chrono>

namespace bathy::tokenizer {
namespace {

constexpr std::string_view kV4 = "deepseek_v4";

// In UTC, so that a prompt is the same wherever it is made.
std::tm today() {
    using namespace std::chrono;
    const auto now = floor<seconds>(system_clock::now());
    const auto day = floor<days>(now);
    const year_month_day date(day);
    const hh_mm_ss time(now - day);
    std::tm result{};
    result.tm_year = static_cast<int>(date.year()) - 1900;
    result.tm_mon = static_cast<int>(static_cast<unsigned>(date.month())) - 1;
    result.tm_mday = static_cast<int>(static_cast<unsigned>(date.day()));
    result.tm_wday = static_cast<int>(weekday(day).c_encoding());
    result.tm_hour = static_cast<int>(time.hours().count());
    result.tm_min = static_cast<int>(time.minutes().count());
    result.tm_sec = static_cast<int>(time.seconds().count());
    return result;
}

// V4 writes each marker as a piece of its own.
Result<void> requireMarkers(const Tokenizer& tokenizer, const Rendered& rendered) {
    for (const auto& piece : rendered.pieces)
        if (piece.special == Special::Parse && !tokenizer.findAdded(piece.text))
            return Error(ErrorCode::BadFile,
                         "the tokenizer has no token " + piece.text + ", which the chat format needs",
                         "use a checkpoint whose tokenizer.json belongs to its chat format");
    return {};
}

} // namespace

ChatFormat chooseChatFormat(const Tokenizer& tokenizer, const ChatSources& sources) {
    ChatFormat format;
    if (sources.modelType == kV4 || (sources.modelType.empty() && tokenizer.findAdded(kLatestReminder))) {
        format.name = kV4;
        format.constants = loadChatConstants(sources.folder);
        return format;
    }
    const auto* layout = sources.source.empty() ? chatLayoutFor(tokenizer, sources.modelType) : nullptr;
    if (sources.source.empty() && !layout) {
        format.problem =
            "the model brings no chat template, and its tokenizer has no markers of a chat format known here";
        return format;
    }
    auto program = jinja::Template::parse(layout ? layout->source : sources.source);
    if (!program) {
        format.problem = program.error().what();
        return format;
    }
    format.name = layout ? layout->name : "template";
    format.chat =
        std::make_shared<const ChatTemplate>(ChatTemplate{*std::move(program), sources.beginToken, sources.endToken});
    return format;
}

Result<void> requireChatFormat(const ChatFormat& format) {
    if (!format.name.empty())
        return {};
    return Error(ErrorCode::Unsupported, "no conversation can be written for this model: " + format.problem,
                 "give the prompt as plain text, with the model's own markers in it");
}

Result<EncodedChat> encodeChat(const Tokenizer& tokenizer, const std::vector<Message>& messages,
                               const ChatOptions& options, const ChatFormat& format) {
    BATHY_CHECK(requireChatFormat(format));
    EncodedChat chat;
    if (format.chat) {
        BATHY_TRY(chat.rendered, renderTemplate(messages, options, *format.chat, today()));
    } else {
        BATHY_TRY(chat.rendered, render(messages, options, format.constants));
        BATHY_CHECK(requireMarkers(tokenizer, chat.rendered));
    }
    BATHY_TRY(chat.encoding, tokenizer.encodePieces(chat.rendered.pieces));
    const auto& spans = chat.encoding.spans;
    const auto firstFrom = [&](std::uint64_t byte) {
        return std::lower_bound(spans.begin(), spans.end(), byte,
                                [](const ByteSpan& span, std::uint64_t at) { return span.begin < at; }) -
               spans.begin();
    };
    for (const auto& message : chat.rendered.messages)
        chat.messages.push_back({firstFrom(message.begin), firstFrom(message.end)});
    return chat;
}

} // namespace bathy::tokenizer
