// bathy info: what a checkpoint is and what it would cost to run.
#include "engine/base/system_memory.h"
#include "engine/cli/commands.h"
#include "engine/cli/model_argument.h"
#include "engine/cli/text.h"
#include "engine/device/registry.h"
#include "engine/library/locate.h"
#include "engine/model/opened_model.h"
#include "engine/runtime/model_chat.h"
#include "engine/runtime/model_tokenizer.h"

#include <CLI/CLI.hpp>

namespace bathy::cli {
namespace {

using model::ModelCard;

constexpr std::int64_t kFitContext = 4096;

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

// Whether the weights and a conversation of kFitContext tokens fit on one device.
struct Fit {
    std::string device;
    bool usable = false;
    std::string reason; // why the device is not usable
    std::uint64_t total = 0;
    std::uint64_t available = 0;
    std::uint64_t needed = 0;

    bool fits() const { return usable && needed <= available; }
};

std::vector<Fit> fitOnDevices(const ModelCard& card) {
    std::vector<Fit> fits;
    for (const auto& device : device::listDevices()) {
        const bool cpu = device.backend == "cpu";
        fits.push_back({device.id, device.usable, device.reason, device.memoryBytes,
                        cpu ? systemMemory().availableBytes : device.memoryBytes,
                        card.weightBytes + card.kv.front().at.front()});
    }
    return fits;
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

Json fitJson(const std::vector<Fit>& fits) {
    auto list = Json::array();
    for (const auto& fit : fits)
        list.push_back({{"device", fit.device},
                        {"usable", fit.usable},
                        {"reason", fit.reason},
                        {"memory_total", fit.total},
                        {"memory_available", fit.available},
                        {"needed", fit.needed},
                        {"context", kFitContext},
                        {"fits", fit.fits()}});
    return list;
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

Json document(const ModelCard& card, const TextFacts& text, const std::vector<Fit>& fits) {
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
            {"fit", fitJson(fits)},
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

std::string fitText(const Fit& fit) {
    if (!fit.usable)
        return fit.device + ": " + fit.reason;
    return fit.device + ": " + (fit.fits() ? "fits" : "does not fit") + " at 4,096 tokens: needs " +
           formatBytes(fit.needed) + ", " + formatBytes(fit.available) + " of " + formatBytes(fit.total) +
           " are available";
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

void printTables(Io& io, const ModelCard& card, const std::vector<Fit>& fits) {
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

    io.line("");
    for (const auto& fit : fits)
        io.line(fitText(fit));
    for (const auto& warning : card.warnings)
        io.line("note: " + warning);
}

Result<int> run(Io& io, const std::string& name) {
    BATHY_TRY(const auto path, library::locateModel(name));
    BATHY_TRY(const auto opened, model::openModel(path));
    const auto card = opened->describe();
    BATHY_TRY(const auto text, textFacts(opened->files()));
    const auto fits = fitOnDevices(card);
    printSummary(io, card, text);
    printTables(io, card, fits);
    io.document(document(card, text, fits));
    return 0;
}

} // namespace

void addInfo(Commands& commands) {
    auto name = std::make_shared<std::string>();
    auto& command = commands.add("info", "Family, layers, parameters, bytes, conversation memory, whether it fits",
                                 [name](Io& io) { return run(io, *name); });
    addModelArgument(command, *name);
}

} // namespace bathy::cli
