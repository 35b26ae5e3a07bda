#include "engine/cli/sampling_arguments.h"

#include "engine/api/finish_reason.h"
#include "engine/cli/expert_argument.h"
#include "engine/cli/kv_format_argument.h"
#include "engine/cli/text.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace bathy::cli {

namespace {

double rate(std::int64_t tokens, double seconds) {
    return seconds > 0 ? static_cast<double>(tokens) / seconds : 0;
}

// The first answer token comes out of the prefill, not out of a decode step.
std::int64_t decodeSteps(const api::GenerationFinished& finished) {
    return std::max<std::int64_t>(0, finished.generatedTokens - 1);
}

std::string guessesText(const api::Speculation& speculation) {
    if (speculation.guessed == 0)
        return "";
    return std::to_string(speculation.right) + " of " + std::to_string(speculation.guessed) + " guesses right (" +
           formatFixed(speculation.gainedSeconds * 1e3, 0) + " ms gained), ";
}

} // namespace

void addGenerationArguments(CLI::App& command, GenerationArguments& arguments) {
    auto& s = arguments.sampling;
    command.add_option("-n,--tokens", s.maxTokens, "Tokens to generate at most; 0: until the model ends")
        ->check(CLI::NonNegativeNumber);
    command
        .add_option("--temp", arguments.temperature,
                    "Temperature; 0 takes the most likely token; without it the model's own")
        ->check(CLI::Range(0.0, 100.0));
    command.add_option("--top-k", arguments.topK, "Keep the K most likely tokens; 0: off")
        ->check(CLI::NonNegativeNumber);
    command.add_option("--top-p", arguments.topP, "Keep the smallest set of this probability; 1: off")
        ->check(CLI::Range(0.0, 1.0));
    command.add_option("--min-p", arguments.minP, "Keep what has this share of the best token's probability; 0: off")
        ->check(CLI::Range(0.0, 1.0));
    command.add_option("--repeat-penalty", arguments.repetitionPenalty, "Make recent tokens less likely; 1: off")
        ->check(CLI::Range(0.01, 100.0));
    command.add_option("--repeat-window", s.repetitionWindow, "Tokens that count as recent")
        ->check(CLI::NonNegativeNumber);
    command.add_option("--seed", s.seed, "Seed of the sampler; 0: drawn");
    command.add_option("--stop", s.stop, "End before this text; may be given more than once");
    addBanArgument(command, arguments.bannedExperts);
    std::vector<std::string> numbers{"off", "auto"};
    for (int guesses = 1; guesses <= api::kMostGuesses; ++guesses)
        numbers.push_back(std::to_string(guesses));
    command
        .add_option("--speculate", arguments.speculate,
                    "Tokens guessed ahead where the checkpoint can; auto: as many as pay. Changes only the speed")
        ->check(CLI::IsMember(numbers));
    command.add_option("--thinking", arguments.thinking, "chat, or thinking: let the model reason first")
        ->check(CLI::IsMember({"chat", "thinking"}));
    command.add_option("--effort", arguments.effort, "Reasoning effort, where the checkpoint brings the sentences")
        ->check(CLI::IsMember({"low", "high", "max"}));
    command.add_option("--context", arguments.session.contextLimit, "Tokens the conversation may hold; 0: the model's")
        ->check(CLI::NonNegativeNumber);
    command.add_option("--chunk", arguments.session.prefillChunk, "Prompt tokens taken in one step")
        ->check(CLI::Range(1, 8192));
    command.add_option("--precision", arguments.precision, "fast: the production rules; exact: nothing quantised")
        ->check(CLI::IsMember({"fast", "exact"}));
    addKvFormatArgument(command, arguments.kvFormat);
}

Result<api::Generate> GenerationArguments::command(api::Prompt prompt, const api::SamplingOptions& own) const {
    api::Generate command;
    command.prompt = std::move(prompt);
    command.sampling = sampling;
    command.sampling.temperature = temperature.value_or(own.temperature);
    command.sampling.topP = topP.value_or(own.topP);
    command.sampling.minP = minP.value_or(own.minP);
    command.sampling.topK = topK.value_or(own.topK);
    command.sampling.repetitionPenalty = repetitionPenalty.value_or(own.repetitionPenalty);
    BATHY_TRY(command.bannedExperts, parseExperts(bannedExperts));
    // The parse has refused other words.
    command.speculate = speculate == "auto"  ? api::kSpeculateAuto
                        : speculate == "off" ? api::kSpeculateOff
                                             : std::atoi(speculate.c_str());
    return command;
}

Result<api::ChatOptions> GenerationArguments::chatOptions() const {
    if (!effort.empty() && thinking != "thinking")
        return Error(ErrorCode::BadArgument, "--effort has no meaning without --thinking thinking");
    api::ChatOptions options;
    options.thinking = thinking == "thinking" ? api::ThinkingMode::Thinking : api::ThinkingMode::Chat;
    options.effort = effort;
    return options;
}

api::SessionOptions GenerationArguments::sessionOptions() const {
    auto options = session;
    options.precision = precision == "exact" ? Precision::Exact : Precision::Fast;
    options.kvFormat = kvFormatOf(kvFormat);
    return options;
}

std::string timingLine(const api::GenerationFinished& finished) {
    const auto read = finished.promptTokens - finished.reusedTokens;
    return std::to_string(read) + " prompt tokens read at " + formatFixed(rate(read, finished.prefillSeconds), 1) +
           "/s (" + std::to_string(finished.reusedTokens) + " remembered), " +
           std::to_string(finished.generatedTokens) + " generated at " +
           formatFixed(rate(decodeSteps(finished), finished.decodeSeconds), 1) + "/s, first after " +
           formatFixed(finished.firstTokenSeconds, 2) + " s, " + guessesText(finished.speculation) + "ended by " +
           api::finishReasonName(finished.reason);
}

Json speculationJson(const api::GenerationFinished& finished, const std::string& asked) {
    const auto& speculation = finished.speculation;
    return {{"mode", asked},
            {"used", speculation.guessed > 0},
            {"guessed", speculation.guessed},
            {"right", speculation.right},
            {"seconds_gained", speculation.gainedSeconds}};
}

Json timingsJson(const api::GenerationFinished& finished, double loadSeconds) {
    const auto read = finished.promptTokens - finished.reusedTokens;
    return {{"load", {{"seconds", loadSeconds}}},
            {"prefill",
             {{"tokens", read},
              {"seconds", finished.prefillSeconds},
              {"tokens_per_second", rate(read, finished.prefillSeconds)}}},
            {"decode",
             {{"tokens", decodeSteps(finished)},
              {"seconds", finished.decodeSeconds},
              {"tokens_per_second", rate(decodeSteps(finished), finished.decodeSeconds)}}},
            {"first_token_seconds", finished.firstTokenSeconds}};
}

} // namespace bathy::cli
