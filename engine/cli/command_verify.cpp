// bathy verify: every header, range, dtype, shape and scale of a checkpoint against the family's list of tensors.
#include "engine/cli/commands.h"
#include "engine/cli/model_argument.h"
#include "engine/cli/progress.h"
#include "engine/cli/text.h"
#include "engine/library/locate.h"
#include "engine/model/deepseek_v4/open.h"
#include "engine/model/deepseek_v4/scale_check.h"

#include <CLI/CLI.hpp>

namespace bathy::cli {
namespace {

struct Options {
    std::string model;
};

Result<int> run(Io& io, const Options& options) {
    BATHY_TRY(const auto path, library::locateModel(options.model));
    BATHY_TRY(const auto model, model::deepseek_v4::openUnchecked(path));
    auto report = model::deepseek_v4::compareTensors(model.checkpoint, model.config, model.draft);
    {
        Progress progress(io, "scales", ProgressUnit::Bytes);
        BATHY_CHECK(model::deepseek_v4::checkScales(
            model.checkpoint, model::deepseek_v4::ScaleScope::All,
            [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); }, io.stop(), report));
    }
    const auto& checkpoint = model.checkpoint;
    io.line(checkpoint.name() + ": " + counted(checkpoint.tensorCount(), "tensor") + ", " +
            formatGrouped(checkpoint.tensorBytes()) + " bytes in " + counted(checkpoint.shards().size(), "file"));
    for (const auto& problem : report.problems)
        io.line("  " + problem);
    if (report.problemCount > report.problems.size())
        io.line("  and " + formatGrouped(report.problemCount - report.problems.size()) + " more");
    for (const auto& note : checkpoint.notes())
        io.line("  note: " + note);
    io.line(report.ok() ? "ok" : counted(report.problemCount, "problem"));
    io.document({{"ok", report.ok()},
                 {"tensors", checkpoint.tensorCount()},
                 {"bytes", checkpoint.tensorBytes()},
                 {"problem_count", report.problemCount},
                 {"problems", report.problems},
                 {"ignored", report.ignored},
                 {"notes", std::vector<std::string>(checkpoint.notes().begin(), checkpoint.notes().end())}});
    return report.ok() ? 0 : exitCode(ErrorCode::BadFile);
}

} // namespace

void addVerify(Commands& commands) {
    auto options = std::make_shared<Options>();
    auto& command = commands.add("verify", "Check every header, range, dtype, shape and scale",
                                 [options](Io& io) { return run(io, *options); });
    addModelArgument(command, options->model);
}

} // namespace bathy::cli
