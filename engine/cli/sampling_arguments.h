// The options of commands that generate, and what their results look like. Main thread.
#pragma once

#include "engine/api/commands.h"
#include "engine/api/events.h"
#include "engine/api/options.h"
#include "engine/base/result.h"
#include "engine/cli/io.h"

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace bathy::cli {

struct GenerationArguments {
    api::SamplingOptions sampling; // but for what follows, which is the model's own where nothing is given
    std::optional<float> temperature;
    std::optional<float> topP;
    std::optional<float> minP;
    std::optional<int> topK;
    std::optional<float> repetitionPenalty;
    api::SessionOptions session;
    std::string thinking = "chat";
    std::string effort;
    std::string precision = "fast";
    std::string kvFormat = "auto";
    std::vector<std::string> bannedExperts; // "LAYER:EXPERT"
    std::string speculate = "auto";         // or "off", or a number

    // The command for a prompt, without ids, for a model that suggests `own`. Errors: BadArgument.
    Result<api::Generate> command(api::Prompt prompt, const api::SamplingOptions& own) const;
    // After the parse. Errors: BadArgument.
    Result<api::ChatOptions> chatOptions() const;
    api::SessionOptions sessionOptions() const;
};

// Adds the options; `arguments` must outlive the parse.
void addGenerationArguments(CLI::App& command, GenerationArguments& arguments);

// One line for people: tokens, rates, time to the first token.
std::string timingLine(const api::GenerationFinished& finished);
// What guessing came to; `asked`: as in GenerationArguments.
Json speculationJson(const api::GenerationFinished& finished, const std::string& asked);
Json timingsJson(const api::GenerationFinished& finished, double loadSeconds);

} // namespace bathy::cli
