// bathy convert: a checkpoint as GGUF or as safetensors.
#include "engine/base/thread_pool.h"
#include "engine/checkpoint/output_file.h"
#include "engine/cli/commands.h"
#include "engine/cli/model_argument.h"
#include "engine/cli/progress.h"
#include "engine/cli/text.h"
#include "engine/library/locate.h"
#include "engine/model/gguf/convert.h"
#include "engine/model/opened_model.h"
#include "engine/runtime/model_tokenizer.h"

#include <CLI/CLI.hpp>

namespace bathy::cli {
namespace {

struct Options {
    std::string model;
    std::string out;
    std::string to;
    std::string dense;
    std::string experts;
};

constexpr std::size_t kNamesShown = 8;

Result<std::optional<DType>> typeNamed(const std::string& name) {
    constexpr std::pair<std::string_view, DType> kTypes[] = {{"f32", DType::F32},
                                                             {"f16", DType::F16},
                                                             {"bf16", DType::BF16},
                                                             {"q8_0", DType::Q8_0},
                                                             {"mxfp4", DType::MXFP4}};
    if (name.empty())
        return std::optional<DType>();
    for (const auto& [known, dtype] : kTypes)
        if (known == name)
            return std::optional(dtype);
    return Error(ErrorCode::BadArgument, "no matrix can be written as " + name, "f32, f16, bf16, q8_0 or mxfp4");
}

void printNames(Io& io, const char* what, const std::vector<std::string>& names) {
    if (names.empty())
        return;
    io.line(std::string("  ") + what + ": " + counted(names.size(), "tensor"));
    for (std::size_t i = 0; i < names.size() && i < kNamesShown; ++i)
        io.line("    " + names[i]);
    if (names.size() > kNamesShown)
        io.line("    and " + formatGrouped(names.size() - kNamesShown) + " more");
}

Result<model::gguf::ConvertReport> writeGguf(const checkpoint::Checkpoint& source, const std::filesystem::path& out,
                                             const model::gguf::ConvertOptions& options) {
    BATHY_TRY(auto text, runtime::tokenizerPairs(source));
    return model::gguf::toGguf(source, std::move(text), out, options);
}

Result<model::gguf::ConvertReport> writeFolder(const checkpoint::Checkpoint& source, const std::filesystem::path& out,
                                               const model::gguf::ConvertOptions& options) {
    if (!source.metadata())
        return Error(ErrorCode::BadArgument, source.name() + " is no GGUF file", "it is safetensors already");
    BATHY_TRY(auto report, model::gguf::toSafetensors(source, out, options));
    const auto tokenizer = runtime::tokenizerJsonOf(*source.metadata());
    if (!tokenizer && tokenizer.error().code() != ErrorCode::NoTokenizer)
        return tokenizer.error();
    if (tokenizer)
        BATHY_CHECK(checkpoint::writeTextFile(out / "tokenizer.json", *tokenizer));
    BATHY_TRY(const auto chat, source.metadata()->string("tokenizer.chat_template", 256 << 10, ""));
    if (!chat.empty())
        BATHY_CHECK(checkpoint::writeTextFile(out / "chat_template.jinja", chat));
    return report;
}

Result<int> run(Io& io, const Options& options) {
    BATHY_TRY(const auto path, library::locateModel(options.model));
    BATHY_TRY(const auto opened, model::openModel(path, io.stop()));
    if (std::filesystem::exists(options.out))
        return Error(ErrorCode::BadArgument, options.out + " exists",
                     "name a new file or folder, nothing is overwritten");
    ThreadPool pool(io.options().threads);
    Progress progress(io, "writing", ProgressUnit::Bytes);
    model::gguf::ConvertOptions convert;
    BATHY_TRY(convert.dense, typeNamed(options.dense));
    BATHY_TRY(convert.experts, typeNamed(options.experts));
    convert.pool = &pool;
    convert.stop = io.stop();
    convert.progress = [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); };
    BATHY_TRY(const auto report, options.to == "gguf" ? writeGguf(opened->files(), options.out, convert)
                                                      : writeFolder(opened->files(), options.out, convert));
    io.line(counted(report.tensors, "tensor") + ", " + formatGrouped(report.bytes) + " bytes, " +
            (report.lossless() ? "lossless: every value was compared" : "not lossless"));
    printNames(io, "values changed by rounding", report.changed);
    printNames(io, "left out", report.leftOut);
    io.document({{"bytes", report.bytes},
                 {"tensors", report.tensors},
                 {"lossless", report.lossless()},
                 {"changed", report.changed},
                 {"left_out", report.leftOut}});
    return 0;
}

} // namespace

void addConvert(Commands& commands) {
    auto options = std::make_shared<Options>();
    auto& command = commands.add("convert", "Rewrite a checkpoint as GGUF or as safetensors",
                                 [options](Io& io) { return run(io, *options); });
    addModelArgument(command, options->model);
    command.add_option("OUT", options->out, "File to write for gguf, folder to make for safetensors")->required();
    command.add_option("--to", options->to, "gguf or safetensors")
        ->required()
        ->check(CLI::IsMember({"gguf", "safetensors"}));
    command.add_option("--dense", options->dense, "Type of matrices: f32, f16, bf16, q8_0, mxfp4; else as they are");
    command.add_option("--experts", options->experts, "The same for routed experts");
}

} // namespace bathy::cli
