#include "engine/runtime/prompt.h"

#include <algorithm>
#include <string>
#include <utility>

namespace bathy::runtime {

namespace {

using namespace tokenizer;

Error noTokenizer() {
    return Error(ErrorCode::NoTokenizer, "the checkpoint has no tokenizer.json, so text cannot be encoded",
                 "give token ids instead");
}

Result<EncodedPrompt> encodeTokens(const api::TokenPrompt& prompt, std::int64_t vocabularySize) {
    for (const auto token : prompt.tokens)
        if (raw(token) < 0 || raw(token) >= vocabularySize)
            return Error(ErrorCode::BadArgument, "token " + std::to_string(raw(token)) +
                                                     " is outside the vocabulary of " + std::to_string(vocabularySize));
    return EncodedPrompt{prompt.tokens, {}, false};
}

Result<std::vector<Message>> toMessages(const std::vector<api::ChatMessage>& messages) {
    std::vector<Message> result;
    for (const auto& message : messages) {
        BATHY_TRY(const auto role, roleFromName(message.role));
        result.push_back({role, message.content, message.reasoning, message.documents, Task::None, false});
    }
    return result;
}

// Some formats put a line break behind the marker.
bool opensReasoning(const Rendered& rendered) {
    if (rendered.pieces.empty() || rendered.pieces.back().special != Special::Parse)
        return false;
    std::string_view end = rendered.pieces.back().text;
    while (end.ends_with('\n'))
        end.remove_suffix(1);
    return end.ends_with(kThinkBegin);
}

Result<EncodedPrompt> encodeChatPrompt(const Tokenizer& tokenizer, const api::ChatPrompt& prompt,
                                       const ChatFormat& format) {
    BATHY_TRY(const auto messages, toMessages(prompt.messages));
    BATHY_TRY(const auto effort, effortFromName(prompt.options.effort));
    const bool thinking = prompt.options.thinking == api::ThinkingMode::Thinking;
    const ChatOptions options{thinking ? ThinkingMode::Thinking : ThinkingMode::Chat, effort,
                              prompt.options.dropThinking};
    BATHY_TRY(auto encoded, encodeChat(tokenizer, messages, options, format));
    EncodedPrompt result;
    result.tokens = std::move(encoded.encoding.ids);
    for (const auto& range : encoded.messages)
        result.messages.push_back({range.begin, range.end});
    result.reasoning = opensReasoning(encoded.rendered);
    return result;
}

Result<EncodedPrompt> encodeText(const Tokenizer& tokenizer, const api::TextPrompt& prompt) {
    BATHY_TRY(auto tokens, tokenizer.encode(prompt.text, prompt.parseSpecial ? Special::Parse : Special::Never));
    return EncodedPrompt{std::move(tokens), {}, false};
}

// An added token and the plain tokens that follow it.
struct Part {
    std::size_t begin = 0;
    std::size_t end = 0;
};

Part partAt(std::span<const TokenId> tokens, const Tokenizer& tokenizer, std::size_t begin) {
    auto end = begin + 1;
    while (end < tokens.size() && !tokenizer.isAdded(tokens[end]))
        ++end;
    return {begin, end};
}

bool sameBytes(std::span<const TokenId> a, std::span<const TokenId> b, const Tokenizer& tokenizer) {
    if (tokenizer.isAdded(a[0]) != tokenizer.isAdded(b[0]))
        return false;
    const auto join = [&](std::span<const TokenId> tokens) {
        std::string bytes;
        for (const auto token : tokens)
            bytes += tokenizer.tokenBytes(token);
        return bytes;
    };
    return std::equal(a.begin(), a.end(), b.begin(), b.end()) || join(a) == join(b);
}

} // namespace

Result<EncodedPrompt> PromptEncoder::encode(const api::Prompt& prompt) const {
    const auto dispatch = [&]() -> Result<EncodedPrompt> {
        if (const auto* tokens = std::get_if<api::TokenPrompt>(&prompt))
            return encodeTokens(*tokens, vocabularySize);
        if (tokenizer == nullptr)
            return noTokenizer();
        if (const auto* text = std::get_if<api::TextPrompt>(&prompt))
            return encodeText(*tokenizer, *text);
        return encodeChatPrompt(*tokenizer, std::get<api::ChatPrompt>(prompt), chat);
    };
    BATHY_TRY(auto encoded, dispatch());
    // A tokenizer may know more ids than the model has rows for.
    for (const auto token : encoded.tokens)
        if (raw(token) >= vocabularySize)
            return Error(ErrorCode::BadFile, "the tokenizer gives token " + std::to_string(raw(token)) +
                                                 ", but the model's vocabulary ends at " +
                                                 std::to_string(vocabularySize));
    return encoded;
}

void adoptHeldTokens(std::span<const TokenId> held, const Tokenizer& tokenizer, EncodedPrompt& prompt) {
    const std::span<const TokenId> fresh(prompt.tokens);
    std::vector<TokenId> tokens;
    std::vector<std::pair<std::int64_t, std::int64_t>> shifts{{0, 0}}; // from this fresh position on: add so much
    std::size_t heldAt = 0;
    std::size_t freshAt = 0;
    while (heldAt < held.size() && freshAt < fresh.size()) {
        const auto heldPart = partAt(held, tokenizer, heldAt);
        const auto freshPart = partAt(fresh, tokenizer, freshAt);
        const auto heldTokens = held.subspan(heldPart.begin, heldPart.end - heldPart.begin);
        if (!sameBytes(heldTokens, fresh.subspan(freshPart.begin, freshPart.end - freshPart.begin), tokenizer))
            break;
        tokens.insert(tokens.end(), heldTokens.begin(), heldTokens.end());
        heldAt = heldPart.end;
        freshAt = freshPart.end;
        shifts.emplace_back(static_cast<std::int64_t>(freshAt),
                            static_cast<std::int64_t>(tokens.size()) - static_cast<std::int64_t>(freshAt));
    }
    const auto rest = fresh.subspan(freshAt);
    tokens.insert(tokens.end(), rest.begin(), rest.end());
    const auto moved = [&](std::int64_t position) {
        const auto after = std::upper_bound(shifts.begin(), shifts.end(), position,
                                            [](std::int64_t p, const auto& shift) { return p < shift.first; });
        return position + std::prev(after)->second;
    };
    for (auto& message : prompt.messages)
        message = {moved(message.begin), moved(message.end)};
    prompt.tokens = std::move(tokens);
}

std::int64_t commonPrefix(std::span<const TokenId> held, std::span<const TokenId> prompt) {
    return std::mismatch(held.begin(), held.end(), prompt.begin(), prompt.end()).first - held.begin();
}

std::vector<std::int64_t> checkpointPositions(const EncodedPrompt& prompt, std::int64_t reused) {
    constexpr std::size_t kLastMessages = 3;
    constexpr std::int64_t kAnswerMarkers = 2; // the assistant's role and the begin or end of thinking
    const auto end = static_cast<std::int64_t>(prompt.tokens.size());
    std::vector<std::int64_t> positions{end - kAnswerMarkers};
    const auto count = std::min(kLastMessages, prompt.messages.size());
    std::for_each(prompt.messages.end() - static_cast<std::ptrdiff_t>(count), prompt.messages.end(),
                  [&](const auto& message) { positions.push_back(message.begin); });
    std::sort(positions.begin(), positions.end());
    positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
    std::erase_if(positions, [&](std::int64_t p) { return p <= reused || p >= end; });
    return positions;
}

} // namespace bathy::runtime
