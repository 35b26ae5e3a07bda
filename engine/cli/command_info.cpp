// bathy info: what a checkpoint is and what it would cost to run.
#include "engine/cli/commands.h"
#include "engine/cli/fit_report.h"
#include "engine/cli/model_argument.h"
#include "engine/cli/text.h"
#include "engine/library/locate.h"
#include "engine/model/opened_model.h"
#include "engine/runtime/model_chat.h"
#include "engine/runtime/model_tokenizer.h"

#include <CLI/CLI.hpp>

namespace bathy::cli {
namespace {

using model::ModelCard;

const char* attentionName(model::AttentionForm form) {
    switch (form) {
    case model::AttentionForm::SlidingWindow:
        return "sliding_window";
    case model::AttentionForm::CompressedSparse:
        return "compressed_sparse";
    case model::AttentionForm::HeavilyCompressed:
        return "heavily_compressed";
    case model::AttentionForm::Latent:
        return "latent";
    case model::AttentionForm::SparseLatent:
        return "sparse_latent";
    case model::AttentionForm::Grouped:
        return "grouped";
    }
    return "unknown";
}

const char* routerName(model::RouterForm form) {
    switch (form) {
    case model::RouterForm::None:
        return "none";
    case model::RouterForm::Hash:
        return "hash";
    case model::RouterForm::Learned:
        return "learned";
    }
    return "unknown";
}

// What turns text into tokens, as far as the checkpoint brings it.
struct TextFacts {
    bool tokenizer = false;
    std::int32_t vocabulary = 0;
    tokenizer::ChatFormat chat;
};

Result<TextFacts> textFacts(const checkpoint::Checkpoint& checkpoint) {
    TextFacts facts;
    const auto loaded = runtime::loadTokenizer(checkpoint);
    if (!loaded) {
        if (loaded.error().code() != ErrorCode::NoTokenizer)
            return loaded.error();
        return facts;
    }
    facts.tokenizer = true;
    facts.vocabulary = loaded->vocabularySize();
    facts.chat = runtime::loadChatFormat(checkpoint, *loaded);
    return facts;
}

Json parametersJson(const ModelCard& card) {
    auto components = Json::array();
    for (const auto& row : card.components)
        components.push_back({{"name", row.name}, {"total", row.total}, {"active", row.active}});
    return {{"total", card.parametersTotal},
            {"active", card.parametersActive},
            {"text", formatBillions(card.parametersTotal) + "/" + formatBillions(card.parametersActive)},
            {"draft", card.parametersDraft},
            {"components", std::move(components)}};
}

Json layersJson(const ModelCard& card) {
    auto layers = Json::array();
    for (std::size_t i = 0; i < card.layers.size(); ++i) {
        const auto& layer = card.layers[i];
        layers.push_back({{"layer", i},
                          {"attention", attentionName(layer.attention)},
                          {"ratio", layer.ratio},
                          {"router", routerName(layer.router)}});
    }
    return layers;
}

Json kvJson(const ModelCard& card) {
    auto forms = Json::array();
    for (const auto& cost : card.kv) {
        Json at;
        for (std::size_t i = 0; i < cost.at.size(); ++i)
            at[std::to_string(model::kKvLengths[i])] = cost.at[i];
        forms.push_back({{"name", cost.name},
                         {"bytes_per_token", cost.bytesPerToken},
                         {"constant_bytes", cost.constantBytes},
                         {"at", std::move(at)}});
    }
    return {{"bytes_per_token", forms[0]["bytes_per_token"]}, {"at", forms[0]["at"]}, {"forms", forms}};
}

Json bytesJson(const ModelCard& card) {
    Json bytes{{"total", card.weightBytes}};
    for (const auto& row : card.bytesByDtype)
        bytes[row.name] = row.bytes;
    return bytes;
}

Json tokenizerJson(const TextFacts& text) {
    if (!text.tokenizer)
        return nullptr;
    return {{"kind", "byte_level_bpe"}, {"vocabulary", text.vocabulary}};
}

Json chatJson(const TextFacts& text) {
    if (text.chat.name.empty())
        return nullptr;
    return {{"format", text.chat.name},
            {"efforts", text.chat.constants.efforts()},
            {"efforts_missing_reason", text.chat.constants.missingReason}};
}

Json document(const ModelCard& card, const TextFacts& text, const FitReport& fit) {
    return {{"name", card.name},
            {"path", card.path},
            {"family", card.family},
            {"fingerprint", card.fingerprint},
            {"tensors", card.tensorCount},
            {"parameters", parametersJson(card)},
            {"bytes", bytesJson(card)},
            {"context_length", card.contextLength},
            {"vocabulary", card.vocabularySize},
            {"hidden_size", card.hiddenSize},
            {"heads", card.headCount},
            {"head_dim", card.headDim},
            {"sliding_window", card.slidingWindow},
            {"index_topk", card.indexTopK},
            {"routed_experts", card.routedExperts},
            {"experts_per_token", card.expertsPerToken},
            {"layers", layersJson(card)},
            {"draft", {{"kind", card.draftKind}, {"stages", card.draftStages}}},
            {"kv", kvJson(card)},
            {"tokenizer", tokenizerJson(text)},
            {"chat", chatJson(text)},
            {"plan", planJson(fit)},
            {"fit", fitJson(fit)},
            {"warnings", card.warnings}};
}

// "0-1 sliding window, hash; 2, 4-6 ..." would hide the alternation that defines the family: one line per kind instead.
std::vector<std::vector<std::string>> layerTable(const ModelCard& card) {
    std::vector<std::vector<std::string>> rows{{"layer", "attention", "ratio", "router"}};
    for (std::size_t i = 0; i < card.layers.size(); ++i) {
        const auto& layer = card.layers[i];
        rows.push_back({std::to_string(i), attentionName(layer.attention),
                        layer.ratio ? std::to_string(layer.ratio) : "-", routerName(layer.router)});
    }
    return rows;
}

void printTable(Io& io, const std::string& title, const std::vector<std::vector<std::string>>& rows,
                const std::vector<std::size_t>& right) {
    io.line("");
    io.line(title);
    for (const auto& line : formatTable(rows, right))
        io.line("  " + line);
}

std::string tokenizerText(const TextFacts& text) {
    if (!text.tokenizer)
        return "none: takes and gives token ids only";
    return "byte-level BPE, " + formatGrouped(static_cast<std::uint64_t>(text.vocabulary)) + " tokens";
}

std::string chatText(const TextFacts& text) {
    if (text.chat.name.empty())
        return text.tokenizer ? "none: " + text.chat.problem : "none";
    std::string efforts;
    for (const auto& effort : text.chat.constants.efforts())
        efforts += (efforts.empty() ? ", efforts " : " ") + effort;
    return text.chat.name + efforts +
           (text.chat.constants.missingReason.empty() ? "" : " (" + text.chat.constants.missingReason + ")");
}

std::string shapeText(const ModelCard& card) {
    return std::to_string(card.layers.size()) + " layers of " + std::to_string(card.hiddenSize) + ", " +
           std::to_string(card.headCount) + " heads of " + std::to_string(card.headDim) +
           (card.slidingWindow ? ", window " + std::to_string(card.slidingWindow) : "") +
           (card.indexTopK ? ", index top " + std::to_string(card.indexTopK) : "");
}

std::string expertsText(const ModelCard& card) {
    if (card.routedExperts == 0)
        return "none: every token goes through all weights";
    return std::to_string(card.expertsPerToken) + " of " + std::to_string(card.routedExperts) + " routed, " +
           std::to_string(card.sharedExperts) + " shared";
}

void printSummary(Io& io, const ModelCard& card, const TextFacts& text) {
    io.line(card.name + "  " + card.family + "  " + formatBillions(card.parametersTotal) + "/" +
            formatBillions(card.parametersActive) + " parameters (total/active)");
    const std::vector<std::vector<std::string>> rows{
        {"path", card.path},
        {"fingerprint", card.fingerprint},
        {"weights", formatGrouped(card.weightBytes) + " bytes (" + formatBytes(card.weightBytes) + ") in " +
                        formatGrouped(card.tensorCount) + " tensors"},
        {"context", formatGrouped(static_cast<std::uint64_t>(card.contextLength)) + " tokens"},
        {"vocabulary", formatGrouped(static_cast<std::uint64_t>(card.vocabularySize))},
        {"shape", shapeText(card)},
        {"experts", expertsText(card)},
        {"draft", card.draftStages
                      ? card.draftKind + ", " + counted(static_cast<std::uint64_t>(card.draftStages), "stage") + ", " +
                            formatBillions(card.parametersDraft) + " parameters"
                      : "none"},
        {"tokenizer", tokenizerText(text)},
        {"chat", chatText(text)},
    };
    for (const auto& line : formatTable(rows))
        io.line("  " + line);
}

void printTables(Io& io, const ModelCard& card, const FitReport& fit) {
    std::vector<std::vector<std::string>> rows{{"part", "total", "active"}};
    for (const auto& row : card.components)
        rows.push_back({row.name, formatGrouped(row.total), formatGrouped(row.active)});
    printTable(io, "Parameters", rows, {1, 2});

    rows = {{"dtype", "bytes"}};
    for (const auto& row : card.bytesByDtype)
        rows.push_back({row.name, formatGrouped(row.bytes)});
    printTable(io, "Bytes by dtype", rows, {1});

    rows = {{"conversation memory (derived)", "bytes/token", "at 4,096", "at 131,072", "at 1,048,576"}};
    for (const auto& cost : card.kv) {
        rows.push_back({cost.name, formatFixed(cost.bytesPerToken, 1)});
        for (const auto bytes : cost.at)
            rows.back().push_back(formatFixed(static_cast<double>(bytes) / 1048576, 1) + " MiB");
    }
    printTable(io, "KV", rows, {1, 2, 3, 4});
    printTable(io, "Layers", layerTable(card), {0, 2});
    printTable(io, planTitle(fit), planTable(fit), {1, 2});

    io.line("");
    for (const auto& line : fitLines(fit))
        io.line(line);
    for (const auto& warning : card.warnings)
        io.line("note: " + warning);
}

struct Options {
    std::string model;
    PlanArguments plan;
};

Result<int> run(Io& io, const Options& options) {
    BATHY_TRY(const auto path, library::locateModel(options.model));
    BATHY_TRY(const auto opened, model::openModel(path));
    const auto card = opened->describe();
    BATHY_TRY(const auto text, textFacts(opened->files()));
    BATHY_TRY(const auto fit, reportFit(*opened, options.plan, io.options()));
    printSummary(io, card, text);
    printTables(io, card, fit);
    io.document(document(card, text, fit));
    return 0;
}

} // namespace

void addInfo(Commands& commands) {
    auto options = std::make_shared<Options>();
    auto& command =
        commands.add("info", "Family, layers, parameters, bytes, what it takes of the memory and if it fits",
                     [options](Io& io) { return run(io, *options); });
    addModelArgument(command, options->model);
    addPlanArguments(command, options->plan);
}

} // namespace bathy::cli
