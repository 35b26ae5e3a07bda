// bathy capture: reads capture files without the model.
#include "engine/cli/capture_export.h"
#include "engine/cli/capture_summary.h"
#include "engine/cli/commands.h"
#include "engine/cli/text.h"

#include <CLI/CLI.hpp>
#include <memory>

namespace bathy::cli {
namespace {

struct Options {
    std::vector<std::string> files;
    std::string to = "csv";
    std::string what = "tokens";
};

Result<int> info(Io& io, const Options& options) {
    BATHY_TRY(const auto reader, wire::CaptureReader::open(options.files[0]));
    BATHY_TRY(const auto summary, summarize(reader));
    io.line(summary.model + ", " + std::to_string(summary.events) + " events, made by bathy " + reader.build() +
            (reader.indexed() ? "" : ", not closed properly"));
    if (reader.lostBytes() > 0)
        io.line(formatBytes(reader.lostBytes()) + " of a last event are cut off");
    io.line(formatGrouped(summary.promptTokens) + " prompt tokens, " + formatGrouped(summary.generatedTokens) +
            " generated, " + formatGrouped(summary.routing) + " routing records, " + formatGrouped(summary.spans) +
            " spans, " + formatGrouped(summary.dropped) + " dropped");
    for (const auto& generation : summary.generations)
        io.line("  generation " + std::to_string(raw(generation.id)) + ": " + std::to_string(generation.tokens.size()) +
                " tokens" + (generation.finished ? "" : ", unfinished"));
    io.document(summaryJson(summary, reader));
    return 0;
}

Result<int> exportCapture(Io& io, const Options& options) {
    BATHY_TRY(const auto reader, wire::CaptureReader::open(options.files[0]));
    BATHY_TRY(const auto table, exportTable(reader, options.what));
    if (io.json() || options.to == "json")
        return writeJsonRows(io, table);
    return writeCsv(io, table);
}

Result<int> diff(Io& io, const Options& options) {
    if (options.files.size() != 2)
        return Error(ErrorCode::BadArgument, "diff compares two captures");
    BATHY_TRY(const auto readerA, wire::CaptureReader::open(options.files[0]));
    BATHY_TRY(const auto readerB, wire::CaptureReader::open(options.files[1]));
    BATHY_TRY(const auto a, summarize(readerA));
    BATHY_TRY(const auto b, summarize(readerB));
    const auto difference = compare(a, b);
    if (difference.equal)
        io.line("same tokens and same experts");
    for (const auto& line : difference.lines)
        io.line(line);
    io.document({{"equal", difference.equal},
                 {"first_different_token", difference.firstToken ? Json(*difference.firstToken) : Json()},
                 {"tokens_compared", difference.tokensCompared},
                 {"routes_compared", difference.routesCompared},
                 {"routes_different", difference.routesDifferent}});
    return difference.equal ? 0 : 1;
}

using Action = Result<int> (*)(Io&, const Options&);

} // namespace

void addCapture(Commands& commands) {
    auto options = std::make_shared<Options>();
    auto action = std::make_shared<Action>(nullptr);
    auto& command = commands.add("capture", "Look into capture files; needs no model",
                                 [options, action](Io& io) { return (*action)(io, *options); });
    command.require_subcommand(1);
    const auto add = [&](const char* name, const char* help, Action run) {
        auto* sub = command.add_subcommand(name, help);
        sub->fallthrough();
        sub->add_option("FILE", options->files, "Capture file")->required()->expected(1, 2);
        sub->callback([action, run] { *action = run; });
        return sub;
    };
    add("info", "What a capture holds", info);
    auto* exporting = add("export", "A table of one kind of record", exportCapture);
    exporting->add_option("--to", options->to, "csv or json")->check(CLI::IsMember({"csv", "json"}));
    exporting->add_option("--what", options->what, "tokens, routing, spans or kv")
        ->check(CLI::IsMember({"tokens", "routing", "spans", "kv"}));
    add("diff", "Where two captures part: tokens, then experts", diff);
}

} // namespace bathy::cli
