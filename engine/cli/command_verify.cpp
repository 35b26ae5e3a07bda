// bathy verify: every header, range, dtype, shape and scale of a checkpoint against the family's list of tensors; with
// --hashes also the SHA-256 of its files against what was published with them.
#include "engine/cli/commands.h"
#include "engine/cli/file_hashes.h"
#include "engine/cli/model_argument.h"
#include "engine/cli/progress.h"
#include "engine/cli/text.h"
#include "engine/library/locate.h"
#include "engine/model/gguf/block_check.h"
#include "engine/model/opened_model.h"
#include "engine/model/scale_check.h"
#include "engine/runtime/model_tokenizer.h"

#include <CLI/CLI.hpp>

namespace bathy::cli {
namespace {

struct Options {
    std::string model;
    bool hashes = false;
};

Result<std::vector<FileHash>> hashes(Io& io, const checkpoint::Checkpoint& checkpoint) {
    ThreadPool pool(io.options().threads);
    Progress progress(io, "hashing", ProgressUnit::Bytes);
    return hashFiles(
        checkpoint, pool, [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); }, io.stop());
}

void reportHashes(Io& io, const std::vector<FileHash>& all, Json& document) {
    document["hashes"] = Json::array();
    for (const auto& hash : all) {
        io.line("  " + hash.sha256 + "  " + hash.file +
                (hash.expected.empty() ? "  (nothing here says what it should be)"
                 : hash.wrong()        ? "  WRONG: " + hash.source + " says " + hash.expected
                                       : "  as " + hash.source + " says"));
        document["hashes"].push_back({{"file", hash.file},
                                      {"sha256", hash.sha256},
                                      {"expected", hash.expected},
                                      {"source", hash.source},
                                      {"ok", !hash.wrong()}});
    }
}

// What only GGUF files can have wrong: scales inside of blocks, and a tokenizer among the metadata.
Result<void> checkGguf(Io& io, const checkpoint::Checkpoint& checkpoint, model::SpecReport& report) {
    Progress progress(io, "blocks", ProgressUnit::Bytes);
    BATHY_TRY(
        auto problems,
        model::gguf::checkBlocks(
            checkpoint, [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); }, io.stop()));
    if (const auto tokenizer = runtime::loadTokenizer(checkpoint);
        !tokenizer && tokenizer.error().code() != ErrorCode::NoTokenizer)
        problems.push_back(tokenizer.error().what());
    report.problemCount += problems.size();
    report.problems.insert(report.problems.end(), problems.begin(), problems.end());
    return {};
}

Result<int> run(Io& io, const Options& options) {
    BATHY_TRY(const auto path, library::locateModel(options.model));
    BATHY_TRY(const auto model, model::openUnchecked(path, io.stop()));
    auto report = model->compare();
    {
        Progress progress(io, "scales", ProgressUnit::Bytes);
        BATHY_CHECK(model::checkScales(
            model->files(), model::ScaleScope::All,
            [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); }, io.stop(), report));
    }
    const auto& checkpoint = model->files();
    if (checkpoint.metadata())
        BATHY_CHECK(checkGguf(io, checkpoint, report));
    BATHY_CHECK(checkpoint.intact());
    std::vector<FileHash> hashed;
    if (options.hashes) {
        BATHY_TRY(hashed, hashes(io, checkpoint));
        for (const auto& hash : hashed)
            if (hash.wrong()) {
                ++report.problemCount;
                report.problems.push_back(hash.file + ": its SHA-256 is not the published one");
            }
    }
    io.line(checkpoint.name() + ": " + counted(checkpoint.tensorCount(), "tensor") + ", " +
            formatGrouped(checkpoint.tensorBytes()) + " bytes in " + counted(checkpoint.shards().size(), "file"));
    for (const auto& problem : report.problems)
        io.line("  " + problem);
    if (report.problemCount > report.problems.size())
        io.line("  and " + formatGrouped(report.problemCount - report.problems.size()) + " more");
    for (const auto& note : checkpoint.notes())
        io.line("  note: " + note);
    Json document = {{"ok", report.ok()},
                     {"tensors", checkpoint.tensorCount()},
                     {"bytes", checkpoint.tensorBytes()},
                     {"problem_count", report.problemCount},
                     {"problems", report.problems},
                     {"ignored", report.ignored},
                     {"notes", std::vector<std::string>(checkpoint.notes().begin(), checkpoint.notes().end())}};
    if (options.hashes)
        reportHashes(io, hashed, document);
    io.line(report.ok() ? "ok" : counted(report.problemCount, "problem"));
    io.document(document);
    return report.ok() ? 0 : exitCode(ErrorCode::BadFile);
}

} // namespace

void addVerify(Commands& commands) {
    auto options = std::make_shared<Options>();
    auto& command = commands.add("verify", "Check every header, range, dtype, shape and scale",
                                 [options](Io& io) { return run(io, *options); });
    addModelArgument(command, options->model);
    command.add_flag("--hashes", options->hashes,
                     "Also compare the SHA-256 of every file with the published one, where there is one");
}

} // namespace bathy::cli
