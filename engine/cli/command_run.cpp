// bathy run: one prompt, one answer, streamed.
#include "engine/api/finish_reason.h"
#include "engine/base/system_memory.h"
#include "engine/cli/chat_messages.h"
#include "engine/cli/commands.h"
#include "engine/cli/engine_client.h"
#include "engine/cli/model_argument.h"
#include "engine/cli/sampling_arguments.h"
#include "engine/cli/token_list.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <span>

namespace bathy::cli {
namespace {

struct Options {
    std::string model;
    std::string prompt;
    std::string chat;
    std::string tokensFile;
    std::vector<std::string> documents;
    bool raw = false;
    std::string capture;
    GenerationArguments generation;
};

Result<api::Prompt> promptOf(const Options& options) {
    std::vector<std::string> documents;
    for (const auto& path : options.documents) {
        BATHY_TRY(auto text, readDocument(path));
        documents.push_back(std::move(text));
    }
    if (!options.tokensFile.empty()) {
        BATHY_TRY(auto tokens, readTokenFile(options.tokensFile));
        return api::Prompt(api::TokenPrompt{std::move(tokens)});
    }
    if (options.raw) {
        if (!documents.empty() || !options.chat.empty())
            return Error(ErrorCode::BadArgument, "--raw takes a --prompt alone");
        return api::Prompt(api::TextPrompt{options.prompt, true});
    }
    api::ChatPrompt prompt;
    BATHY_TRY(prompt.options, options.generation.chatOptions());
    if (options.chat.empty()) {
        prompt.messages.push_back({"user", options.prompt, "", {}});
    } else {
        BATHY_TRY(prompt.messages, readConversation(options.chat));
    }
    if (documents.empty())
        return api::Prompt(std::move(prompt));
    if (prompt.messages.empty() || prompt.messages.back().role != "user")
        return Error(ErrorCode::BadArgument, "--document belongs to a user's message, and the last one is none");
    prompt.messages.back().documents = std::move(documents);
    return api::Prompt(std::move(prompt));
}

Json expertsJson(std::span<const ExpertRef> experts) {
    auto list = Json::array();
    for (const auto& expert : experts)
        list.push_back({{"layer", raw(expert.layer)}, {"expert", raw(expert.expert)}});
    return list;
}

// Predicted from the headers alone, beside what the system counted.
Json memoryJson(const api::MemoryPlan& plan) {
    const auto& at = plan.plans.front();
    const auto predicted = plan.weightBytes + at.kv.total() + at.scratchBytes + plan.logitsBytes + plan.programBytes;
    const auto process = processMemory();
    return {
        {"context", at.context},
        {"predicted",
         {{"weights", plan.weightBytes},
          {"kv", at.kv.total()},
          {"scratch", at.scratchBytes},
          {"logits", plan.logitsBytes},
          {"program", plan.programBytes},
          {"total", predicted}}},
        {"actual", {{"peak_resident_bytes", process.peakResidentBytes}, {"resident_bytes", process.residentBytes}}}};
}

Json resultJson(const api::GenerationStarted& started, const api::GenerationFinished& finished, double loadSeconds,
                const std::string& speculate) {
    auto tokens = Json::array();
    for (const auto token : finished.tokens)
        tokens.push_back(raw(token));
    return {{"text", finished.text},
            {"reasoning", finished.reasoning},
            {"tokens", std::move(tokens)},
            {"finish_reason", api::finishReasonName(finished.reason)},
            {"prompt_tokens", finished.promptTokens},
            {"seed", started.seed},
            {"banned_experts", expertsJson(started.bannedExperts)},
            {"timings", timingsJson(finished, loadSeconds)},
            {"speculation", speculationJson(finished, speculate)}};
}

// Reasoning is set apart by a line before and after it, so that a pipe reads the answer last.
class AnswerPrinter {
public:
    explicit AnswerPrinter(Io& io) : m_io(io) {}

    void operator()(const api::Event& event) {
        if (const auto* started = std::get_if<api::GenerationStarted>(&event))
            m_started = *started;
        const auto* delta = std::get_if<api::TextDelta>(&event);
        if (delta == nullptr)
            return;
        if (delta->reasoning != m_reasoning)
            m_io.write(delta->reasoning ? "<think>\n" : "\n</think>\n\n");
        m_reasoning = delta->reasoning;
        m_io.write(delta->text);
        m_endsLine = delta->text.ends_with('\n');
    }
    void end() {
        if (m_reasoning)
            m_io.write("\n</think>");
        if (!m_endsLine)
            m_io.write("\n");
    }
    // What the engine said before the first token.
    const api::GenerationStarted& started() const { return m_started; }

private:
    Io& m_io;
    api::GenerationStarted m_started;
    bool m_reasoning = false;
    bool m_endsLine = true;
};

Result<int> run(Io& io, const Options& options) {
    BATHY_TRY(auto prompt, promptOf(options));
    BATHY_CHECK(options.generation.command({}, {})); // what it says is not to wait for the model
    const auto session = options.generation.sessionOptions();
    BATHY_TRY(auto client, EngineClient::start(io));
    if (!options.capture.empty())
        BATHY_CHECK(client.capture(options.capture, BATHY_VERSION));
    BATHY_CHECK(client.open(options.model, session));
    BATHY_TRY(auto command, options.generation.command(std::move(prompt), client.card().sampling));
    AnswerPrinter printer(io);
    const auto finished = client.generate(std::move(command), [&](const api::Event& event) { printer(event); });
    const auto captured = client.finishCapture(); // also after a failure: what there is, is kept
    BATHY_CHECK(finished);
    printer.end();
    auto document = resultJson(printer.started(), *finished, client.loadSeconds(), options.generation.speculate);
    BATHY_TRY(const auto plan, client.planMemory(session, finished->promptTokens + finished->generatedTokens));
    document["memory"] = memoryJson(plan);
    io.document(document);
    BATHY_CHECK(captured);
    io.note(timingLine(*finished));
    return finished->reason == api::FinishReason::Cancelled ? exitCode(ErrorCode::Cancelled) : 0;
}

} // namespace

void addRun(Commands& commands) {
    auto options = std::make_shared<Options>();
    auto& command = commands.add("run", "Generate an answer and print it as it comes",
                                 [options](Io& io) { return run(io, *options); });
    addModelArgument(command, options->model);
    auto* prompt = command.add_option("-p,--prompt", options->prompt, "What the user says");
    auto* chat = command.add_option("--chat", options->chat, "A conversation as JSON messages");
    auto* tokens = command.add_option("--tokens-file", options->tokensFile,
                                      "A JSON array of token ids to continue; needs no tokenizer");
    prompt->excludes(chat);
    tokens->excludes(prompt)->excludes(chat);
    command.add_option("--document", options->documents, "A text file put before the prompt; more than one is fine");
    command.add_flag("--raw", options->raw, "Continue the prompt as it stands; special tokens in it count")
        ->needs(prompt);
    command.add_option("--capture", options->capture, "Keep all events in this file");
    addGenerationArguments(command, options->generation);
    command.final_callback([prompt, chat, tokens] {
        if (prompt->count() + chat->count() + tokens->count() == 0)
            throw CLI::RequiredError("--prompt, --chat or --tokens-file");
    });
}

} // namespace bathy::cli
