// bathy tokenize: text, conversations and ids, in all directions. Needs no weights.
#include "engine/base/text_file.h"
#include "engine/cli/chat_file.h"
#include "engine/cli/commands.h"
#include "engine/cli/model_argument.h"
#include "engine/library/locate.h"
#include "engine/model/opened_model.h"
#include "engine/runtime/model_chat.h"
#include "engine/runtime/model_tokenizer.h"
#include "engine/tokenizer/utf8.h"

#include <CLI/CLI.hpp>
#include <optional>

namespace bathy::cli {
namespace {

constexpr std::uint64_t kMaxTextBytes = 1ULL << 30U;

struct Options {
    std::string model;
    std::string text;
    std::string file;
    std::string chat;
    std::vector<std::int32_t> decode;
    std::string thinking = "chat";
    std::string effort;
    bool keepReasoning = false;
    bool plain = false;
    bool idsOnly = false;
};

// A .safetensors file stands for the folder it lies in; a tokenizer.json or a .gguf file may be named itself.
std::filesystem::path tokenizerPath(const std::filesystem::path& model) {
    std::error_code ec;
    return model.extension() == ".safetensors" && !std::filesystem::is_directory(model, ec) ? model.parent_path()
                                                                                            : model;
}

std::string joinedIds(const std::vector<TokenId>& ids) {
    std::string text;
    for (const auto id : ids)
        text += (text.empty() ? "" : " ") + std::to_string(raw(id));
    return text;
}

// Control characters as C escapes, so that every token stays on its line.
std::string printable(std::string_view bytes) {
    std::string text;
    for (const char c : tokenizer::utf8Lossy(bytes))
        if (c == '\n')
            text += "\\n";
        else if (c == '\r')
            text += "\\r";
        else if (c == '\t')
            text += "\\t";
        else
            text.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c);
    return text;
}

void printEncoding(Io& io, const tokenizer::Tokenizer& tokenizer, const tokenizer::Encoding& encoding,
                   const std::string& text, bool idsOnly, const tokenizer::EncodedChat* chat) {
    auto ids = Json::array();
    auto tokens = Json::array();
    for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
        const auto id = encoding.ids[i];
        ids.push_back(raw(id));
        if (idsOnly)
            continue;
        const auto shown = tokenizer.tokenText(id);
        io.line(std::to_string(raw(id)) + "\t" + printable(shown));
        if (io.json())
            tokens.push_back({{"id", raw(id)},
                              {"text", shown},
                              {"begin", encoding.spans[i].begin},
                              {"end", encoding.spans[i].end},
                              {"added", tokenizer.isAdded(id)}});
    }
    if (idsOnly)
        io.line(joinedIds(encoding.ids));
    Json document{{"ids", std::move(ids)}, {"text", text}, {"count", encoding.ids.size()}};
    if (!idsOnly)
        document["tokens"] = std::move(tokens);
    if (chat) {
        auto messages = Json::array();
        for (const auto& range : chat->messages)
            messages.push_back({{"begin", range.begin}, {"end", range.end}});
        document["messages"] = std::move(messages);
    }
    io.document(document);
}

Result<int> decode(Io& io, const tokenizer::Tokenizer& tokenizer, const Options& options) {
    std::vector<TokenId> ids;
    for (const auto id : options.decode) {
        if (!tokenizer.contains(TokenId{id}))
            return Error(ErrorCode::BadArgument, "token " + std::to_string(id) + " is not in the vocabulary",
                         "ids go from 0 to " + std::to_string(tokenizer.vocabularySize() - 1));
        ids.push_back(TokenId{id});
    }
    const auto text = tokenizer.decodeBytes(ids);
    io.write(text);
    io.document({{"ids", options.decode}, {"text", text}, {"count", ids.size()}});
    return 0;
}

// A folder may hold a tokenizer alone; a GGUF file says what it is itself.
Result<tokenizer::ChatFormat> formatOf(const std::filesystem::path& path, const tokenizer::Tokenizer& tokenizer) {
    std::error_code ec;
    if (path.extension() == ".gguf" && !std::filesystem::is_directory(path, ec)) {
        BATHY_TRY(const auto model, model::openUnchecked(path));
        return runtime::loadChatFormat(model->files(), tokenizer);
    }
    return runtime::loadChatFormat(std::filesystem::is_directory(path, ec) ? path : path.parent_path(), tokenizer);
}

Result<int> encodeConversation(Io& io, const tokenizer::Tokenizer& tokenizer, const std::filesystem::path& path,
                               const Options& options) {
    BATHY_TRY(const auto format, formatOf(path, tokenizer));
    BATHY_TRY(const auto messages, readChatFile(options.chat));
    tokenizer::ChatOptions chat;
    chat.thinking = options.thinking == "thinking" ? tokenizer::ThinkingMode::Thinking : tokenizer::ThinkingMode::Chat;
    chat.dropThinking = !options.keepReasoning;
    BATHY_TRY(chat.effort, tokenizer::effortFromName(options.effort));
    BATHY_TRY(const auto encoded, tokenizer::encodeChat(tokenizer, messages, chat, format));
    printEncoding(io, tokenizer, encoded.encoding, encoded.rendered.text, options.idsOnly, &encoded);
    return 0;
}

Result<int> run(Io& io, const Options& options) {
    BATHY_TRY(const auto model, library::locateModel(options.model));
    const auto path = tokenizerPath(model);
    BATHY_TRY(const auto tokenizer, runtime::loadTokenizer(path));
    if (!options.decode.empty())
        return decode(io, tokenizer, options);
    if (!options.chat.empty())
        return encodeConversation(io, tokenizer, path, options);
    std::string text = options.text;
    if (!options.file.empty()) {
        BATHY_TRY(text, readTextFile(options.file, kMaxTextBytes));
    }
    const auto special = options.plain ? tokenizer::Special::Never : tokenizer::Special::Parse;
    BATHY_TRY(const auto encoding, tokenizer.encodePieces({{text, special}}));
    printEncoding(io, tokenizer, encoding, text, options.idsOnly, nullptr);
    return 0;
}

} // namespace

void addTokenize(Commands& commands) {
    auto options = std::make_shared<Options>();
    auto& command = commands.add("tokenize", "Text or a conversation to token ids, and back",
                                 [options](Io& io) { return run(io, *options); });
    addModelArgument(command, options->model);
    auto* input = command.add_option_group("input", "What to encode or decode: one of these");
    input->add_option("--text", options->text, "Encode this text");
    input->add_option("--file", options->file, "Encode the text of this file");
    input->add_option("--chat", options->chat, "Render and encode the conversation in this JSON file");
    input->add_option("--decode", options->decode, "Decode these ids: 1,2,3")->delimiter(',');
    input->require_option(1);
    command.add_flag("--ids", options->idsOnly, "Print ids only");
    command.add_flag("--plain", options->plain, "Take the strings of added tokens in --text and --file as plain text");
    command.add_option("--thinking", options->thinking, "chat or thinking, with --chat")
        ->check(CLI::IsMember({"chat", "thinking"}));
    command.add_option("--effort", options->effort, "Reasoning effort with --chat: low, high, max");
    command.add_flag("--keep-reasoning", options->keepReasoning,
                     "With --chat: keep the reasoning of earlier turns as well");
}

} // namespace bathy::cli
