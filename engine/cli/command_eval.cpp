// bathy eval: suites that measure what a model can do and whether its pictures show something.
#include "engine/cli/commands.h"
#include "engine/cli/eval_suites.h"
#include "engine/cli/model_argument.h"

#include <CLI/CLI.hpp>
#include <map>
#include <memory>

namespace bathy::cli {
namespace {

using Suite = Result<int> (*)(Io&, const EvalOptions&);

const std::map<std::string, Suite>& suites() {
    static const std::map<std::string, Suite> all{{"basics", evalBasics},
                                                  {"load", evalLoad},
                                                  {"mtp", evalDrafts},
                                                  {"passkey", evalPasskey},
                                                  {"routing", evalRouting}};
    return all;
}

} // namespace

void addEval(Commands& commands) {
    auto options = std::make_shared<EvalOptions>();
    auto& command = commands.add("eval", "Measure a model with a suite of questions or proofs",
                                 [options](Io& io) { return suites().at(options->suite)(io, *options); });
    addModelArgument(command, options->model);
    std::vector<std::string> names;
    for (const auto& [name, suite] : suites())
        names.push_back(name);
    command
        .add_option("--suite", options->suite,
                    "basics: every question; passkey: needles in long texts; routing: do experts specialise; "
                    "load: how evenly they are used; mtp: are draft tokens accepted")
        ->required()
        ->check(CLI::IsMember(names));
    command.add_option("--data", options->data, "A folder of .jsonl questions and .txt texts, or one .jsonl file");
    command.add_option("--limit", options->limit, "Questions of each skill at most")->check(CLI::NonNegativeNumber);
    command.add_option("--out", options->out, "Folder for the answers (default: a new one here)");
    command.add_flag("--resume", options->resume, "Go on with the answers that --out holds");
    command.add_option("--lengths", options->lengths, "passkey: tokens of the prompts")
        ->delimiter(',')
        ->check(CLI::Range(evaluate::kShortestPasskey, std::int64_t{1} << 24))
        ->capture_default_str();
    command.add_option("--trials", options->trials, "passkey: questions for each length")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
    command.add_option("--decoys", options->decoys, "passkey: needles about others in the same text")
        ->check(CLI::Range(0, evaluate::kMostDecoys))
        ->capture_default_str();
    command.add_option("--skill", options->skill, "routing: the domain of questions whose experts are knocked out");
    command.add_option("--text", options->text, "routing: the text whose experts are knocked out");
}

} // namespace bathy::cli
