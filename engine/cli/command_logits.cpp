// bathy logits: the logits of every position, for comparison with other implementations. Needs no tokenizer.
#include "engine/base/system_memory.h"
#include "engine/cli/commands.h"
#include "engine/cli/expert_argument.h"
#include "engine/cli/kv_format_argument.h"
#include "engine/cli/model_argument.h"
#include "engine/cli/npy_writer.h"
#include "engine/cli/pick_recorder.h"
#include "engine/cli/progress.h"
#include "engine/cli/route_recorder.h"
#include "engine/cli/text.h"
#include "engine/cli/token_list.h"
#include "engine/library/locate.h"
#include "engine/model/load.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>

namespace bathy::cli {
namespace {

// Logits of a piece of the prompt are held in memory until they are written.
constexpr std::int64_t kLogitsBytes = std::int64_t{64} << 20;
constexpr std::int64_t kLargestPiece = 512;

struct Options {
    std::string model;
    std::string tokens;
    std::string tokensFile;
    std::string out;
    std::string picks;          // file; empty: not asked for
    std::string routes;         // the same
    std::int64_t chunk = 0;     // 0: as large as is sensible
    std::int64_t stepFrom = -1; // -1: never
    std::string precision = "exact";
    std::string kvFormat = "auto";
    std::vector<std::string> bannedExperts; // "LAYER:EXPERT"
};

// The files of a run.
struct Files {
    NpyWriter logits;
    std::optional<NpyWriter> picks;
    std::optional<NpyWriter> routes;
};

// What a run leaves behind besides the files.
struct Outcome {
    std::vector<std::int64_t> argmax; // by position
    double seconds = 0;
    bool stopped = false;
};

Result<std::vector<TokenId>> readTokens(const Options& options) {
    if (options.tokens.empty() == options.tokensFile.empty())
        return Error(ErrorCode::BadArgument, "exactly one of --tokens and --tokens-file is needed");
    BATHY_TRY(auto tokens, options.tokens.empty() ? readTokenFile(options.tokensFile) : parseTokenList(options.tokens));
    if (tokens.empty())
        return Error(ErrorCode::BadArgument, "the list of tokens is empty");
    return tokens;
}

Result<void> checkDevice(const std::string& device) {
    if (device != "auto" && device != "cpu")
        return Error(ErrorCode::DeviceMissing, "device " + device + " cannot run this model",
                     "use --device cpu; `bathy devices` lists what there is");
    return {};
}

// The command line has already refused other words.
model::StateOptions stateOptions(const Options& options) {
    model::StateOptions result;
    result.precision = options.precision == "fast" ? Precision::Fast : Precision::Exact;
    result.kvFormat = kvFormatOf(options.kvFormat);
    result.rollbackSlack = 0;
    return result;
}

class LogitsRun {
public:
    LogitsRun(const Io& io, const Options& options, std::span<const ExpertRef> bans, const model::LoadedModel& loaded,
              const model::ModelCard& card, Files& files)
        : m_io(io), m_options(options), m_bans(bans), m_model(*loaded.model), m_files(files), m_picks(card),
          m_routes(card) {}

    Result<Outcome> run(model::SequenceState& state, std::span<const TokenId> tokens) {
        Progress progress(m_io, "tokens", ProgressUnit::Tokens);
        const auto begin = std::chrono::steady_clock::now();
        const auto count = static_cast<std::int64_t>(tokens.size());
        for (std::int64_t done = 0; done < count;) {
            const auto piece = std::min(count - done, pieceAt(done));
            const auto fed =
                feed(state, done, tokens.subspan(static_cast<std::size_t>(done), static_cast<std::size_t>(piece)));
            if (!fed && fed.error().isCancelled()) {
                m_outcome.stopped = true;
                break;
            }
            BATHY_CHECK(fed);
            done += piece;
            progress.update(static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(count));
        }
        m_outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        return std::move(m_outcome);
    }

    std::uint64_t bufferBytes() const { return m_logits.capacity() * sizeof(float); }

private:
    std::int64_t pieceAt(std::int64_t position) const {
        if (m_options.stepFrom >= 0 && position >= m_options.stepFrom)
            return 1;
        const auto fits = std::max<std::int64_t>(1, kLogitsBytes / (m_model.vocabularySize() * 4));
        const auto piece = m_options.chunk > 0 ? m_options.chunk : std::min(fits, kLargestPiece);
        return m_options.stepFrom >= 0 ? std::min(piece, m_options.stepFrom - position) : piece;
    }

    Result<void> feed(model::SequenceState& state, std::int64_t first, std::span<const TokenId> tokens) {
        const auto vocabulary = m_model.vocabularySize();
        m_logits.resize(tokens.size() * static_cast<std::size_t>(vocabulary));
        model::ForwardOptions options;
        options.logitsAt = model::LogitsAt::All;
        options.logits = m_logits;
        options.bannedExperts = m_bans;
        options.stop = m_io.stop();
        if (m_files.picks) {
            m_picks.begin(first, static_cast<std::int64_t>(tokens.size()));
            options.probes = &m_picks;
        }
        if (m_files.routes) {
            m_routes.begin(first, static_cast<std::int64_t>(tokens.size()));
            options.routing = &m_routes;
        }
        BATHY_CHECK(m_model.forward(state, tokens, options));
        for (auto row = m_logits.begin(); row != m_logits.end(); row += vocabulary)
            m_outcome.argmax.push_back(std::max_element(row, row + vocabulary) - row);
        if (m_files.picks)
            BATHY_CHECK(m_files.picks->append(m_picks.rows()));
        if (m_files.routes)
            BATHY_CHECK(m_files.routes->append(m_routes.rows()));
        return m_files.logits.append(m_logits);
    }

    const Io& m_io;
    const Options& m_options;
    std::span<const ExpertRef> m_bans;
    model::Model& m_model;
    Files& m_files;
    PickRecorder m_picks;
    RouteRecorder m_routes;
    std::vector<float> m_logits;
    Outcome m_outcome;
};

Result<Files> openFiles(const Options& options, const model::ModelCard& card) {
    BATHY_TRY(auto logits, NpyWriter::create(options.out, card.vocabularySize));
    Files files{std::move(logits), {}, {}};
    if (!options.picks.empty()) {
        const auto columns = PickRecorder(card).columns();
        if (columns == 0)
            return Error(ErrorCode::Unsupported, "--picks: no layer of " + card.family + " chooses with an indexer",
                         "leave --picks away; DeepSeek-V4 and V3.2 have such layers");
        BATHY_TRY(files.picks, NpyWriter::create(options.picks, columns, NpyType::Int32));
    }
    if (!options.routes.empty()) {
        const auto columns = RouteRecorder(card).columns();
        if (columns == 0)
            return Error(ErrorCode::Unsupported, "--routes: no layer of " + card.family + " has a learned router",
                         "leave --routes away; mixture-of-experts models have such layers");
        BATHY_TRY(files.routes, NpyWriter::create(options.routes, columns, NpyType::Int32));
    }
    return files;
}

Json memoryDocument(const model::Model& model, const telemetry::KvEvent& kv, std::uint64_t bufferBytes) {
    return {{"weight_bytes", model.weightBytes()},
            {"weight_bytes_touched", model.weightBytesTouched()},
            {"kv_bytes", kv.bytes.total()},
            {"kv_bytes_reserved", kv.reservedBytes},
            {"scratch_bytes", model.scratchBytes() + bufferBytes},
            {"peak_resident_bytes", processMemory().peakResidentBytes}};
}

Result<int> run(Io& io, const Options& options) {
    BATHY_CHECK(checkDevice(io.options().device));
    BATHY_TRY(const auto tokens, readTokens(options));
    BATHY_TRY(const auto bans, parseExperts(options.bannedExperts));
    BATHY_TRY(const auto path, library::locateModel(options.model));
    ThreadPool pool(io.options().threads);
    model::LoadOptions loadOptions;
    loadOptions.pool = &pool;
    loadOptions.force = io.options().force;
    loadOptions.reserveBytes = io.options().reserveBytes;
    loadOptions.stop = io.stop();
    BATHY_TRY(const auto loaded, model::loadModel(path, loadOptions));
    auto& model = *loaded.model;
    BATHY_TRY(const auto state, model.createState(stateOptions(options)));
    const auto card = loaded.opened->describe();
    BATHY_TRY(auto files, openFiles(options, card));
    LogitsRun logits(io, options, bans, loaded, card, files);
    BATHY_TRY(const auto outcome, logits.run(*state, tokens));
    const auto rows = files.logits.rows();
    BATHY_CHECK(files.logits.finish());
    if (files.picks)
        BATHY_CHECK(files.picks->finish());
    if (files.routes)
        BATHY_CHECK(files.routes->finish());
    io.line(std::to_string(rows) + " x " + std::to_string(model.vocabularySize()) + " logits in " + options.out + ", " +
            formatFixed(outcome.seconds, 2) + " s");
    io.document({{"shape", {rows, model.vocabularySize()}},
                 {"argmax", outcome.argmax},
                 {"seconds", outcome.seconds},
                 {"memory", memoryDocument(model, state->memory(), logits.bufferBytes())}});
    return outcome.stopped ? exitCode(ErrorCode::Cancelled) : 0;
}

} // namespace

void addLogits(Commands& commands) {
    auto options = std::make_shared<Options>();
    auto& command = commands.add("logits", "Write the logits of every position as .npy",
                                 [options](Io& io) { return run(io, *options); });
    addModelArgument(command, options->model);
    command.add_option("--tokens", options->tokens, "Token ids: 1,2,3");
    command.add_option("--tokens-file", options->tokensFile, "A JSON array of token ids");
    command.add_option("--out", options->out, "The .npy file: float32 [tokens, vocabulary]")->required();
    command.add_option("--picks", options->picks,
                       "Also write what the indexer chose as .npy: int32 [tokens, sparse layers x top-k], -1 free");
    command.add_option("--routes", options->routes,
                       "Also write where learned routers sent tokens as .npy: int32 [tokens, such layers x experts]");
    command.add_option("--chunk", options->chunk, "Prefill in pieces of so many tokens")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20));
    command.add_option("--step-from", options->stepFrom, "Feed tokens from this one on one by one, as when decoding")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 40));
    addBanArgument(command, options->bannedExperts);
    command.add_option("--precision", options->precision, "exact: no activation is quantised; fast: production rules")
        ->check(CLI::IsMember({"exact", "fast"}))
        ->capture_default_str();
    addKvFormatArgument(command, options->kvFormat);
}

} // namespace bathy::cli
