// bathy synth: a checkpoint of real shapes and dtypes with counter-based random weights.
#include "engine/base/thread_pool.h"
#include "engine/cli/commands.h"
#include "engine/cli/progress.h"
#include "engine/cli/text.h"
#include "engine/model/synth/write.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <system_error>

namespace bathy::cli {
namespace {

struct Options {
    std::string preset;
    std::string folder;
    model::synth::Overrides overrides;
    model::synth::WriteOptions synth;
};

// A twin of a checkpoint reads and speaks with the same tokens.
Result<void> copyTokenizer(const std::filesystem::path& from, const std::filesystem::path& to) {
    for (const char* name : {"tokenizer.json", "tokenizer_config.json", "generation_config.json"}) {
        std::error_code ec;
        if (std::filesystem::exists(from / name, ec) && !std::filesystem::copy_file(from / name, to / name, ec))
            return Error(ErrorCode::Io, "cannot copy " + (from / name).string() + ": " + ec.message());
    }
    return {};
}

Result<int> run(Io& io, Options& options) {
    BATHY_TRY(const auto preset, model::synth::makePreset(options.preset, options.overrides));
    ThreadPool pool(io.options().threads);
    Progress progress(io, "writing", ProgressUnit::Bytes);
    options.synth.pool = &pool;
    options.synth.stop = io.stop();
    options.synth.progress = [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); };
    BATHY_TRY(const auto made, model::synth::writeCheckpoint(preset, options.folder, options.synth));
    if (std::filesystem::is_directory(options.preset))
        BATHY_CHECK(copyTokenizer(options.preset, options.folder));
    io.line(counted(made.tensors, "tensor") + ", " + formatGrouped(made.bytes) + " bytes in " +
            counted(made.files, "file") +
            (options.synth.headersOnly ? ", headers over holes: there are no weights" : ""));
    io.document({{"bytes", made.bytes},
                 {"tensors", made.tensors},
                 {"files", made.files},
                 {"headers_only", options.synth.headersOnly}});
    return 0;
}

} // namespace

void addSynth(Commands& commands) {
    auto options = std::make_shared<Options>();
    auto& command = commands.add("synth", "Write a checkpoint of real shapes and dtypes with random weights",
                                 [options](Io& io) { return run(io, *options); });
    std::string names;
    for (const auto name : model::synth::presetNames())
        names += std::string(name) + ", ";
    command
        .add_option("PRESET", options->preset,
                    names +
                        "the path of a config.json (float32 weights by rule), or the folder of a checkpoint: a twin "
                        "of the same shapes, dtypes and tokenizer")
        ->required();
    command.add_option("OUT", options->folder, "Folder to make")->required();
    command.add_option("--layers", options->overrides.layers, "Only the first N layers")->check(CLI::PositiveNumber);
    command.add_option("--experts", options->overrides.experts, "Routed experts")->check(CLI::PositiveNumber);
    command.add_option("--seed", options->synth.seed, "Other weights; the tiny models have one set only");
    command.add_option("--salt", options->synth.rule.salt, "Put before each name in the weight rule");
    command.add_option("--index-gain", options->synth.rule.indexGain, "Factor of the index weights in the weight rule");
    command.add_flag("--headers-only", options->synth.headersOnly,
                     "Full headers over sparse files: opens and verifies like the real one, takes no room");
}

} // namespace bathy::cli
