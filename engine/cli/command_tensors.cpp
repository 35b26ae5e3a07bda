// bathy tensors: names, shapes, dtypes and files of a checkpoint's tensors.
#include "engine/base/thread_pool.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/cli/commands.h"
#include "engine/cli/glob.h"
#include "engine/cli/model_argument.h"
#include "engine/cli/progress.h"
#include "engine/cli/text.h"
#include "engine/library/locate.h"
#include "engine/model/tensor_stats.h"

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <optional>

namespace bathy::cli {
namespace {

struct Options {
    std::string model;
    std::string match;
    bool stats = false;
};

std::string shapeText(const checkpoint::TensorView& view) {
    std::string text = "[";
    for (const auto dim : view.shape)
        text += (text.size() > 1 ? ", " : "") + std::to_string(dim);
    return text + "]";
}

Json statsJson(const model::TensorStats& stats) {
    return {{"min", stats.min},       {"max", stats.max},      {"mean", stats.mean},
            {"std", stats.deviation}, {"nan", stats.nanCount}, {"infinite", stats.infiniteCount},
            {"count", stats.count}};
}

std::string significant(double value) {
    std::array<char, 32> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.5g", value);
    return buffer.data();
}

void appendStats(const std::optional<model::TensorStats>& stats, std::vector<std::string>& row) {
    if (!stats) {
        row.insert(row.end(), 5, "-");
        return;
    }
    for (const double value : {stats->min, stats->max, stats->mean, stats->deviation})
        row.push_back(significant(value));
    row.push_back(std::to_string(stats->nanCount));
}

Json tensorJson(const checkpoint::TensorView& view, const std::string& file) {
    return {{"name", view.name},
            {"dtype", dtypeName(view.dtype)},
            {"shape", std::vector<std::int64_t>(view.shape.begin(), view.shape.end())},
            {"bytes", view.bytes.size()},
            {"file", file}};
}

Result<int> run(Io& io, const Options& options) {
    BATHY_TRY(const auto path, library::locateModel(options.model));
    BATHY_TRY(const auto checkpoint, checkpoint::Checkpoint::open(path));
    auto tensors = Json::array();
    std::vector<std::vector<std::string>> rows{{"name", "dtype", "shape", "bytes", "file"}};
    if (options.stats)
        rows[0].insert(rows[0].end(), {"min", "max", "mean", "std", "nan"});
    ThreadPool pool(options.stats ? io.options().threads : 1);
    Progress progress(io, "reading", ProgressUnit::Bytes);
    std::uint64_t read = 0;
    for (std::size_t i = 0; i < checkpoint.tensorCount(); ++i) {
        const auto view = checkpoint.tensor(i);
        if (!options.match.empty() && !matchesGlob(view.name, options.match))
            continue;
        const auto file = checkpoint.shards()[view.shard].path.filename().string();
        std::optional<model::TensorStats> stats;
        if (options.stats) {
            BATHY_TRY(stats, model::tensorStats(checkpoint, view, pool, io.stop()));
            progress.update(read += view.bytes.size(), checkpoint.tensorBytes());
        }
        if (io.json()) {
            tensors.push_back(tensorJson(view, file));
            if (options.stats)
                tensors.back()["stats"] = stats ? statsJson(*stats) : Json(nullptr);
        } else {
            rows.push_back({std::string(view.name), std::string(dtypeName(view.dtype)), shapeText(view),
                            std::to_string(view.bytes.size()), file});
            if (options.stats)
                appendStats(stats, rows.back());
        }
    }
    for (const auto& line : formatTable(rows, {3, 5, 6, 7, 8, 9}))
        io.line(line);
    io.document({{"tensors", std::move(tensors)}});
    return 0;
}

} // namespace

void addTensors(Commands& commands) {
    auto options = std::make_shared<Options>();
    auto& command = commands.add("tensors", "Names, shapes, dtypes and files of the tensors",
                                 [options](Io& io) { return run(io, *options); });
    addModelArgument(command, options->model);
    command.add_option("--match", options->match, "Only names that match, with * and ?");
    command.add_flag("--stats", options->stats, "Also minimum, maximum, mean, deviation and NaN count, decoded");
}

} // namespace bathy::cli
