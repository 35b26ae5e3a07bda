// bathy tensors: names, shapes, dtypes and files of a checkpoint's tensors.
#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/locate.h"
#include "engine/cli/commands.h"
#include "engine/cli/glob.h"
#include "engine/cli/model_argument.h"
#include "engine/cli/text.h"

#include <CLI/CLI.hpp>

namespace bathy::cli {
namespace {

struct Options {
    std::string model;
    std::string match;
};

std::string shapeText(const checkpoint::TensorView& view) {
    std::string text = "[";
    for (const auto dim : view.shape)
        text += (text.size() > 1 ? ", " : "") + std::to_string(dim);
    return text + "]";
}

Json tensorJson(const checkpoint::TensorView& view, const std::string& file) {
    return {{"name", view.name},
            {"dtype", dtypeName(view.dtype)},
            {"shape", std::vector<std::int64_t>(view.shape.begin(), view.shape.end())},
            {"bytes", view.bytes.size()},
            {"file", file}};
}

Result<int> run(Io& io, const Options& options) {
    BATHY_TRY(const auto path, checkpoint::locateModel(options.model));
    BATHY_TRY(const auto checkpoint, checkpoint::Checkpoint::open(path));
    auto tensors = Json::array();
    std::vector<std::vector<std::string>> rows{{"name", "dtype", "shape", "bytes", "file"}};
    for (std::size_t i = 0; i < checkpoint.tensorCount(); ++i) {
        const auto view = checkpoint.tensor(i);
        if (!options.match.empty() && !matchesGlob(view.name, options.match))
            continue;
        const auto file = checkpoint.shards()[view.shard].path.filename().string();
        if (io.json())
            tensors.push_back(tensorJson(view, file));
        else
            rows.push_back({std::string(view.name), std::string(dtypeName(view.dtype)), shapeText(view),
                            std::to_string(view.bytes.size()), file});
    }
    for (const auto& line : formatTable(rows, {3}))
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
}

} // namespace bathy::cli
