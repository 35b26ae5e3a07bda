// bathy perplexity: how well a model predicts a text, alone or beside a reference.
#include "engine/base/text_file.h"
#include "engine/cli/commands.h"
#include "engine/cli/model_argument.h"
#include "engine/cli/model_loading.h"
#include "engine/cli/progress.h"
#include "engine/cli/text.h"
#include "engine/evaluate/perplexity.h"
#include "engine/evaluate/text_windows.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>

namespace bathy::cli {
namespace {

constexpr std::uint64_t kLargestText = std::uint64_t{1} << 30;
constexpr std::int64_t kDefaultContext = 2048;

struct Options {
    std::string model;
    std::string file;
    std::string reference;
    std::string precision = "fast";
    std::int64_t context = 0; // 0: the default, or the model's own where that is shorter
};

Result<evaluate::ScoredText> readText(const runtime::LoadedModel& loaded, const std::string& file) {
    if (!loaded.tokenizer)
        return Error(ErrorCode::NoTokenizer, loaded.card.path + " has no tokenizer, so text cannot be scored");
    BATHY_TRY(const auto text, readTextFile(file, kLargestText));
    return evaluate::scoredText(*loaded.tokenizer, text, file);
}

// Both must cut the text into the same tokens.
Result<void> checkReference(const evaluate::ScoredText& text, const evaluate::ScoredText& reference) {
    if (text.tokens == reference.tokens && text.beginToken == reference.beginToken)
        return {};
    return Error(ErrorCode::BadArgument, "the reference cuts the text into other tokens than the model",
                 "only models with the same tokenizer can be compared token by token");
}

void print(Io& io, const evaluate::PerplexityResult& result) {
    io.line("perplexity     " + formatFixed(result.perplexity(), 3));
    io.line("bits per byte  " + formatFixed(result.bitsPerByte(), 4));
    if (result.comparison) {
        io.line("KL mean        " + formatFixed(result.comparison->meanKl, 5) + " nats, 99 % below " +
                formatFixed(result.comparison->p99Kl, 5));
        io.line("same choice    " + formatFixed(result.comparison->sameFirstChoice * 100, 2) + " %");
    }
    io.line("over           " + counted(static_cast<std::uint64_t>(result.tokens), "token") + ", " +
            counted(static_cast<std::uint64_t>(result.bytes), "byte") + (result.stopped ? ", stopped early" : ""));
}

Json document(const Options& options, const evaluate::PerplexityResult& result, bool beginToken, double seconds) {
    Json json{
        {"model", options.model},
        {"file", options.file},
        {"ppl", result.perplexity()},
        {"bits_per_byte", result.bitsPerByte()},
        {"tokens", result.tokens},
        {"bytes", result.bytes},
        {"stopped", result.stopped},
        {"settings", {{"context", options.context}, {"begin_token", beginToken}, {"precision", options.precision}}},
        {"seconds", seconds}};
    if (result.comparison) {
        json["reference"] = options.reference;
        json["kl"] = {{"mean", result.comparison->meanKl}, {"p99", result.comparison->p99Kl}};
        json["top1"] = result.comparison->sameFirstChoice;
    }
    return json;
}

Result<int> run(Io& io, Options options) {
    BATHY_TRY(const auto loaded, loadWithProgress(io, options.model));
    BATHY_TRY(const auto text, readText(loaded, options.file));
    std::optional<runtime::LoadedModel> reference;
    if (!options.reference.empty()) {
        BATHY_TRY(reference, loadWithProgress(io, options.reference));
        BATHY_TRY(const auto again, readText(*reference, options.file));
        BATHY_CHECK(checkReference(text, again));
    }
    if (options.context == 0)
        options.context = std::min(kDefaultContext, loaded.model->contextLength());
    Progress bar(io, "scoring", ProgressUnit::Tokens);
    evaluate::PerplexityOptions settings;
    settings.context = options.context;
    settings.precision = options.precision == "exact" ? Precision::Exact : Precision::Fast;
    settings.progress = [&](std::int64_t done, std::int64_t total) {
        bar.update(static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(total));
    };
    settings.stop = io.stop();
    const auto begin = std::chrono::steady_clock::now();
    BATHY_TRY(const auto result,
              evaluate::measurePerplexity(*loaded.model, reference ? reference->model.get() : nullptr, text, settings));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    print(io, result);
    io.document(document(options, result, text.beginToken.has_value(), seconds));
    return result.stopped ? exitCode(ErrorCode::Cancelled) : 0;
}

} // namespace

void addPerplexity(Commands& commands) {
    auto options = std::make_shared<Options>();
    auto& command = commands.add("perplexity", "Measure how well a model predicts a text",
                                 [options](Io& io) { return run(io, *options); });
    addModelArgument(command, options->model);
    command.add_option("--file", options->file, "A UTF-8 text")->required();
    command
        .add_option("--context", options->context,
                    "Tokens of a window; windows overlap by half and every token is scored once (default 2048)")
        ->check(CLI::Range(evaluate::kSmallestContext, std::int64_t{1} << 40));
    command.add_option("--reference", options->reference, "A second model with the same tokenizer to compare with");
    command.add_option("--precision", options->precision, "fast: the production rules; exact: nothing quantised")
        ->check(CLI::IsMember({"fast", "exact"}))
        ->capture_default_str();
}

} // namespace bathy::cli
