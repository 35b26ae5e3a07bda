// bathy snapshot: what a model has read, kept on disk and reopened.
#include "engine/cli/answer_printer.h"
#include "engine/cli/commands.h"
#include "engine/cli/engine_client.h"
#include "engine/cli/kv_format_argument.h"
#include "engine/cli/model_argument.h"
#include "engine/cli/prompt_arguments.h"
#include "engine/cli/text.h"
#include "engine/library/places.h"
#include "engine/snapshot/store.h"

#include <CLI/CLI.hpp>
#include <memory>

namespace bathy::cli {
namespace {

struct Options {
    std::string model;
    std::string folder; // empty: the user's
    std::string name;
    std::vector<std::string> snapshots; // ids or names
    PromptArguments prompt;
    GenerationArguments generation;
};

std::filesystem::path folderOf(const Options& options) {
    return options.folder.empty() ? library::snapshotFolder(library::processEnvironment())
                                  : std::filesystem::path(options.folder);
}

Result<snapshot::Listed> findUsable(const Options& options) {
    const snapshot::Store store(folderOf(options));
    BATHY_TRY(auto found, store.find(options.snapshots.front()));
    if (found.problem)
        return *found.problem;
    return found;
}

Json jsonOf(const snapshot::Listed& listed) {
    Json json{{"id", listed.id}, {"file", listed.file.string()}, {"bytes", listed.bytes}};
    if (listed.problem) {
        json["problem"] = listed.problem->what();
        return json;
    }
    const auto& header = listed.header;
    json.update({{"name", header.name},
                 {"model", header.model},
                 {"fingerprint", header.origin.checkpoint},
                 {"tokens", listed.tokens},
                 {"created_at", header.createdAt},
                 {"precision", kPrecisionNames.at(static_cast<std::size_t>(header.origin.precision))},
                 {"kv", kvFormatName(header.origin.kvFormat)}});
    return json;
}

std::string lineOf(const snapshot::Listed& listed) {
    if (listed.problem)
        return listed.id + "  " + listed.problem->what();
    return listed.id + "  " + formatGrouped(static_cast<std::uint64_t>(listed.tokens)) + " tokens, " +
           formatBytes(listed.bytes) + ", " + oneLine(listed.header.model) +
           (listed.header.name.empty() ? "" : ", \"" + oneLine(listed.header.name) + "\"");
}

Result<int> save(Io& io, const Options& options) {
    BATHY_TRY(auto prompt, options.prompt.prompt(options.generation));
    BATHY_TRY(auto command, options.generation.command(std::move(prompt), {}));
    command.sampling.maxTokens = 1; // it is not fed: the session holds the prompt and nothing else
    command.speculate = api::kSpeculateOff;
    BATHY_TRY(auto client, EngineClient::start(io));
    BATHY_CHECK(client.open(options.model, options.generation.sessionOptions()));
    BATHY_TRY(const auto finished, client.generate(std::move(command), {}));
    if (finished.reason == api::FinishReason::Cancelled)
        return cancelled();
    BATHY_TRY(const auto saved, client.saveSnapshot(folderOf(options).string(), options.name));
    io.line(saved.id + "  " + formatGrouped(static_cast<std::uint64_t>(saved.tokens)) + " tokens, " +
            formatBytes(saved.bytes) + ", " + formatBytes(saved.newBytes) + " of them new, in " +
            formatFixed(saved.seconds, 2) + " s");
    io.document({{"snapshots",
                  {{{"id", saved.id},
                    {"file", saved.file},
                    {"name", options.name},
                    {"tokens", saved.tokens},
                    {"bytes", saved.bytes},
                    {"new_bytes", saved.newBytes}}}},
                 {"timings", {{"prefill", finished.prefillSeconds}, {"save", saved.seconds}}}});
    return 0;
}

Result<int> load(Io& io, const Options& options) {
    BATHY_TRY(const auto found, findUsable(options));
    std::optional<api::Prompt> prompt;
    if (options.prompt.given()) {
        BATHY_TRY(prompt, options.prompt.prompt(options.generation));
    }
    BATHY_TRY(auto client, EngineClient::start(io));
    BATHY_TRY(const auto restored,
              client.open(options.model, options.generation.sessionOptions(), found.file.string()));
    Json document{{"snapshots", {jsonOf(found)}},
                  {"timings", {{"load", client.loadSeconds()}, {"reopen", restored.seconds}}},
                  {"bytes", restored.bytes}};
    io.note(formatGrouped(static_cast<std::uint64_t>(restored.tokens)) + " tokens reopened in " +
            formatFixed(restored.seconds, 3) + " s (" + formatBytes(restored.bytes) + ")");
    if (!prompt) {
        io.document(document);
        return 0;
    }
    BATHY_TRY(auto command, options.generation.command(*std::move(prompt), client.card().sampling));
    if (command.bannedExperts.empty())
        command.bannedExperts = found.header.origin.bannedExperts;
    AnswerPrinter printer(io);
    BATHY_TRY(const auto finished,
              client.generate(std::move(command), [&](const api::Event& event) { printer(event); }));
    printer.end();
    document["text"] = finished.text;
    document["reasoning"] = finished.reasoning;
    document["prompt_tokens"] = finished.promptTokens;
    document["reused_tokens"] = finished.reusedTokens;
    document["timings"]["prefill"] = finished.prefillSeconds;
    document["timings"]["first_token"] = finished.firstTokenSeconds;
    io.document(document);
    io.note(formatGrouped(static_cast<std::uint64_t>(finished.reusedTokens)) + " of " +
            formatGrouped(static_cast<std::uint64_t>(finished.promptTokens)) + " tokens were in the snapshot; " +
            timingLine(finished));
    return finished.reason == api::FinishReason::Cancelled ? exitCode(ErrorCode::Cancelled) : 0;
}

Result<int> list(Io& io, const Options& options) {
    const snapshot::Store store(folderOf(options));
    BATHY_TRY(const auto all, store.list());
    auto rows = Json::array();
    for (const auto& listed : all) {
        io.line(lineOf(listed));
        rows.push_back(jsonOf(listed));
    }
    if (all.empty())
        io.line("no snapshots in " + store.folder().string());
    io.document({{"folder", store.folder().string()}, {"snapshots", std::move(rows)}});
    return 0;
}

Result<int> verify(Io& io, const Options& options) {
    BATHY_TRY(const auto found, findUsable(options));
    BATHY_TRY(auto client, EngineClient::start(io));
    BATHY_CHECK(client.load(options.model));
    BATHY_TRY(const auto verified, client.verifySnapshot(found.file.string()));
    io.line(found.id + "  " + formatGrouped(static_cast<std::uint64_t>(verified.tokens)) + " tokens: " +
            (verified.same
                 ? "the logits of the next token are the same, bit for bit"
                 : "the logits of the next token differ by up to " + std::to_string(verified.largestDifference)));
    auto json = jsonOf(found);
    json.update({{"same", verified.same}, {"largest_difference", verified.largestDifference}});
    io.document({{"snapshots", {std::move(json)}}, {"timings", {{"verify", verified.seconds}}}});
    return verified.same ? 0 : 1;
}

Result<int> remove(Io& io, const Options& options) {
    const snapshot::Store store(folderOf(options));
    auto rows = Json::array();
    std::vector<snapshot::Listed> all; // every name is looked up before anything is deleted
    for (const auto& name : options.snapshots) {
        BATHY_TRY(auto found, store.find(name));
        all.push_back(std::move(found));
    }
    for (const auto& found : all) {
        BATHY_CHECK(store.remove(found.id));
        io.line("deleted " + lineOf(found));
        rows.push_back(jsonOf(found));
    }
    io.document({{"snapshots", std::move(rows)}});
    return 0;
}

using Action = Result<int> (*)(Io&, const Options&);

} // namespace

void addSnapshot(Commands& commands) {
    auto options = std::make_shared<Options>();
    auto action = std::make_shared<Action>(nullptr);
    auto& command = commands.add("snapshot", "Keep on disk what a model has read, and reopen it in a moment",
                                 [options, action](Io& io) { return (*action)(io, *options); });
    command.require_subcommand(1);
    const auto add = [&](const char* name, const char* help, Action run) {
        auto* sub = command.add_subcommand(name, help);
        sub->fallthrough();
        sub->add_option("--folder", options->folder, "Where snapshots are kept; the user's own without it");
        sub->callback([action, run] { *action = run; });
        return sub;
    };
    const auto addOne = [&](CLI::App& sub) {
        sub.add_option("SNAPSHOT", options->snapshots, "Its id, the beginning of one, or its name")
            ->required()
            ->expected(1);
    };
    auto* saving = add("save", "Read a prompt and keep what the model holds of it", save);
    addModelArgument(*saving, options->model);
    saving->add_option("--name", options->name, "What people call it");
    addPromptArguments(*saving, options->prompt, PromptNeeded::Yes);
    addGenerationArguments(*saving, options->generation);
    auto* loading = add("load", "Reopen a snapshot, and answer a prompt that begins as it does", load);
    addModelArgument(*loading, options->model);
    addOne(*loading);
    addPromptArguments(*loading, options->prompt, PromptNeeded::No);
    addGenerationArguments(*loading, options->generation);
    add("list", "The snapshots there are, newest first", list);
    auto* verifying =
        add("verify", "Feed the last token again and compare with what was said when it was saved", verify);
    addModelArgument(*verifying, options->model);
    addOne(*verifying);
    add("delete", "Delete snapshots, and the blocks that no other one needs", remove)
        ->add_option("SNAPSHOT", options->snapshots, "Ids, beginnings of ids, or names")
        ->required();
}

} // namespace bathy::cli
