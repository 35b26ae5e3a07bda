// bathy run: one prompt, one answer, streamed.
#include "engine/api/finish_reason.h"
#include "engine/base/system_memory.h"
#include "engine/cli/answer_printer.h"
#include "engine/cli/commands.h"
#include "engine/cli/engine_client.h"
#include "engine/cli/model_argument.h"
#include "engine/cli/prompt_arguments.h"
#include "engine/cli/sampling_arguments.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <span>

namespace bathy::cli {
namespace {

struct Options {
    std::string model;
    PromptArguments prompt;
    std::string capture;
    GenerationArguments generation;
};

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

Result<int> run(Io& io, const Options& options) {
    BATHY_TRY(auto prompt, options.prompt.prompt(options.generation));
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
    addPromptArguments(command, options->prompt, PromptNeeded::Yes);
    command.add_option("--capture", options->capture, "Keep all events in this file");
    addGenerationArguments(command, options->generation);
}

} // namespace bathy::cli
