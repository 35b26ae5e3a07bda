// bathy chat: a conversation in the terminal.
#include "engine/cli/chat_messages.h"
#include "engine/cli/commands.h"
#include "engine/cli/engine_client.h"
#include "engine/cli/line_input.h"
#include "engine/cli/model_argument.h"
#include "engine/cli/sampling_arguments.h"
#include "engine/cli/text.h"

#include "engine/base/text_file.h"

#include <CLI/CLI.hpp>
#include <memory>

namespace bathy::cli {
namespace {

constexpr const char* kHelp = "  /document FILE   put a text file before your next message\n"
                              "  /save FILE       write the conversation as JSON messages\n"
                              "  /load FILE       go on with a conversation from a file\n"
                              "  /stats           tokens, memory and speed so far\n"
                              "  /help            this list\n"
                              "  /quit            end (also Ctrl-D)";

struct Options {
    std::string model;
    std::string system;
    GenerationArguments generation;
};

class Chat {
public:
    Chat(Io& io, const Options& options, EngineClient& client, api::ChatOptions chatOptions)
        : m_io(io), m_options(options), m_client(client), m_chatOptions(std::move(chatOptions)) {
        if (!options.system.empty())
            m_messages.push_back({"system", options.system, "", {}});
    }

    // The exit code.
    int loop() {
        LineInput input;
        const bool person = stdinIsTerminal();
        if (person)
            m_io.line(m_client.card().name + ", " + formatBillions(m_client.card().parametersTotal) +
                      " parameters. /help lists the commands.");
        for (;;) {
            if (person)
                m_io.write("\n> ");
            const auto line = input.next(m_io.stop());
            if (m_io.stop().stop_requested())
                return exitCode(ErrorCode::Cancelled);
            if (!line || *line == "/quit")
                return 0;
            if (line->empty())
                continue;
            const auto done = line->starts_with('/') ? command(*line) : say(*line);
            if (!done)
                m_io.error(done.error()); // the conversation goes on
            if (m_io.stop().stop_requested())
                return exitCode(ErrorCode::Cancelled);
        }
    }

private:
    Result<void> command(const std::string& line) {
        const auto space = line.find(' ');
        const auto name = line.substr(0, space);
        const auto argument = space == std::string::npos ? "" : line.substr(space + 1);
        if (name == "/help")
            m_io.line(kHelp);
        else if (name == "/stats")
            stats();
        else if (name == "/document")
            return addDocument(argument);
        else if (name == "/save")
            return writeFileAtomically(argument, conversationJson(m_messages).dump(2) + "\n");
        else if (name == "/load")
            return load(argument);
        else
            return Error(ErrorCode::BadArgument, "no command is called " + name, "/help lists them");
        return {};
    }

    Result<void> addDocument(const std::string& path) {
        BATHY_TRY(auto text, readDocument(path));
        BATHY_TRY(const auto encoded, m_client.encode(api::TextPrompt{text, false}));
        m_io.line(formatGrouped(encoded.tokens.size()) + " tokens will go before your next message");
        m_documents.push_back(std::move(text));
        return {};
    }

    Result<void> load(const std::string& path) {
        BATHY_TRY(m_messages, readConversation(path));
        m_documents.clear();
        m_io.line(std::to_string(m_messages.size()) + " messages");
        return {};
    }

    Result<void> say(const std::string& text) {
        auto messages = m_messages;
        messages.push_back({"user", text, "", m_documents});
        bool reasoning = false;
        BATHY_TRY(auto command,
                  m_options.generation.command(api::ChatPrompt{messages, m_chatOptions}, m_client.card().sampling));
        const auto finished =
            m_client.generate(std::move(command), [&](const api::Event& event) { show(event, reasoning); });
        BATHY_CHECK(finished);
        m_io.line("");
        m_documents.clear();
        m_messages = std::move(messages);
        m_messages.push_back({"assistant", finished->text, finished->reasoning, {}});
        m_last = *finished;
        return {};
    }

    void show(const api::Event& event, bool& reasoning) {
        if (const auto* delta = std::get_if<api::TextDelta>(&event)) {
            if (delta->reasoning != reasoning)
                m_io.write(delta->reasoning ? "<think>\n" : "\n</think>\n\n");
            reasoning = delta->reasoning;
            m_io.write(delta->text);
        }
        if (const auto* batch = std::get_if<api::Records>(&event))
            for (const auto& record : batch->records)
                if (const auto* kv = std::get_if<telemetry::KvEvent>(&record))
                    m_kv = *kv;
    }

    void stats() {
        m_io.line(std::to_string(m_messages.size()) + " messages, " + std::to_string(m_kv.tokens) +
                  " tokens remembered in " + formatBytes(m_kv.bytes.total()) + " of " +
                  formatBytes(m_kv.reservedBytes));
        if (m_last)
            m_io.line("last answer: " + timingLine(*m_last));
    }

    Io& m_io;
    const Options& m_options;
    EngineClient& m_client;
    api::ChatOptions m_chatOptions;
    std::vector<api::ChatMessage> m_messages;
    std::vector<std::string> m_documents;
    telemetry::KvEvent m_kv;
    std::optional<api::GenerationFinished> m_last;
};

Result<int> chat(Io& io, const Options& options) {
    if (io.json())
        return Error(ErrorCode::BadArgument, "chat is for people and has no --json", "use `bathy run --chat`");
    BATHY_CHECK(options.generation.command({}, {})); // what it says is not to wait for the first message
    BATHY_TRY(auto chatOptions, options.generation.chatOptions());
    const auto session = options.generation.sessionOptions();
    BATHY_TRY(auto client, EngineClient::start(io));
    BATHY_CHECK(client.open(options.model, session));
    return Chat(io, options, client, std::move(chatOptions)).loop();
}

} // namespace

void addChat(Commands& commands) {
    auto options = std::make_shared<Options>();
    auto& command =
        commands.add("chat", "A conversation in the terminal", [options](Io& io) { return chat(io, *options); });
    addModelArgument(command, options->model);
    command.add_option("--system", options->system, "What the model is told first");
    addGenerationArguments(command, options->generation);
}

} // namespace bathy::cli
